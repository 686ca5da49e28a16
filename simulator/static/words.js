const RU = {
  title: "Симулятор ресторана",
  subtitle: "Его службы отвечают как настоящие. Что гости делают здесь, узнают все, кто спрашивает или слушает.",
  services: "Службы", qr_menu: "QR-меню", pbx: "АТС",
  offline: "Симулятор не отвечает. Он ещё работает?",
  tables: "Столики", table: "Столик", seats_one: "{} место", seats_few: "{} места", seats_many: "{} мест", seats_other: "{} места",
  call_waiter: "Официант", dishes: "Заказать", pay: "Оплатить",
  called: "вызов {} назад",
  faults: "Неисправности", clear_faults: "Всё исправно",
  f_connection: "Соединение", f_answer: "Ответ", f_normal: "как обычно",
  f_refuse: "отклоняется", f_reset: "сбрасывается", f_half_open: "без ответа",
  f_garbage: "веб-страница (HTML)", f_empty: "пустой, 200", f_no_content: "пустой, 204",
  f_wrong_token: "Любой токен неверен", f_delay: "Задержка, секунд", f_cut: "Обрыв после, байт",
  f_body_size: "Ответ не меньше, байт", f_times: "Только на, запросов", f_now: "Сейчас:", f_none: "всё исправно",
  queue: "Очередь", clear_queue: "Очистить", queue_hint: "Сначала новые. Галочка: клиент уже забрал.",
  queue_empty: "Пока тихо. Вызовите официанта!", delivered: "забрано",
  own_event: "Отправить своё событие", push: "Отправить",
  requests: "Запросы", requests_empty: "Пока никто не спрашивал.",
  r_ago: "Назад", r_cursor: "Знает", r_path: "Запрос", r_answer: "Ответ", r_connection: "Соед.",
  a_reset: "сброс", a_cut: "обрыв", a_left: "клиент ушёл", a_waits: "ждёт", bad_token: "неверный токен",
  server: "Сервер QR-меню", s_url: "Адрес", s_fingerprint: "Сертификат (SHA-256)",
  s_connections: "Соединения", s_open: "открыто {}, всего {}", s_token: "Токен",
  s_auth_failure: "На неверный токен", s_unknown_cursor: "На неизвестный hash",
  s_all: "вся очередь", s_nothing: "ничего", s_error: "result: false",
  restart: "Перезапуск с пустой очередью", renew: "Новый сертификат",
  poll: "Последний опрос {} назад", poll_never: "Опросов ещё не было",
  waiter_call: "Вызов официанта", add_dishes: "Новый заказ", online_payment: "Оплата онлайн",
  calls: "Звонки", calls_empty: "На линии никого.", c_number: "Внешний номер", c_extension: "Внутренний номер", c_trunk: "Транк",
  ring: "Звонят нам", dial: "Звоним мы", answer: "Ответить", miss: "Без ответа", hang_up: "Завершить", redirect: "Перевести", redirect_to: "На внутренний номер",
  c_ringing: "звонит {}", c_dialing: "вызываем {}", c_talking: "говорят {}", call: "Звонок {}",
  sms: "SMS", sms_from: "От кого", sms_text: "Текст", sms_send: "Отправить", sms_example: "Столик на двоих на вечер, пожалуйста",
  messages: "Сообщения", messages_hint: "Сначала новые. Их сразу получают открытые потоки и веб-хук; ничего не хранится.",
  messages_empty: "Пока ничего не было. Позвоните!", own_message: "Отправить своё сообщение",
  listeners: "Кто слушает", l_streams: "Потоки событий", l_hook: "Веб-хук", l_answers: "Его последние ответы", l_none: "нет",
  l_end: "Завершить потоки", l_reset: "Сбросить", l_cut: "Оборвать", l_open: "открыто {} из {}",
  listen: "Потоков: {}", listen_hook: "Потоков: {}, веб-хук", listen_none: "Никто не слушает",
  pbx_server: "АТС", s_device: "Устройство", s_username: "Имя пользователя", s_password: "Пароль",
  s_max_streams: "Потоков не больше", s_heartbeat: "Пульс, секунд", s_dialect: "Ответ хука", s_both: "любой",
  s_call_ids: "Номера звонков", pbx_restart: "Перезапуск", pbx_restart_drop: "Перезапуск с обрывом",
  startup: "АТС включена", incoming_call: "Входящий звонок", outgoing_call: "Исходящий звонок", start_talk: "Разговор начат",
  call_end: "Звонок окончен", incoming_sms: "SMS", answer_elsewhere: "Переведён",
  chat: "Чат", chats: "Чаты", chat_empty: "Пока никто не писал. Побудьте гостем!",
  w_number: "Номер гостя", w_name: "Имя", w_guest: "Иван", w_text: "Сообщение", w_example: "Столик на двоих на семь, пожалуйста",
  w_send: "Написать от гостя", w_ours: "Ответить с телефона", w_us: "Ресторан", w_phone: "Ресторан, с телефона",
  notifications: "Очередь", notifications_hint: "Сначала старые. Каждое ждёт, пока клиент его не удалит.",
  drop_next: "Потерять следующее", will_be_lost: "Следующее будет потеряно: в очередь оно не попадёт.",
  s_rate_limits: "Запросы сверх нормы", s_ignore: "получают ответ",
  notifications_empty: "Всё забрано.", own_notification: "Отправить своё уведомление",
  account: "Аккаунт", account_state: "Состояние",
  link_scan: "Отсканировать QR-код телефоном",
  w_caller: "Звонок от", w_ring: "Звонит", w_pick_up: "Приняли", w_missed: "Пропущен", w_declined: "Отклонён",
  s_instance: "Инстанс", s_phone: "Номер аккаунта", s_readers: "Ждут сообщений",
  s_empty_answer: "Без новостей", s_overlap: "Второй читатель", s_allow: "забирает часть", s_instance_settings: "Настройки инстанса",
  s_drop: "Оборвать ожидание", waiting: "Клиент ждёт сообщений",
  incomingMessageReceived: "Сообщение гостя", outgoingMessageReceived: "Сообщение с телефона", outgoingAPIMessageReceived: "Сообщение через API",
  outgoingMessageStatus: "Статус сообщения", stateInstanceChanged: "Состояние аккаунта", incomingCall: "Входящий звонок в мессенджере", outgoingCall: "Исходящий звонок в мессенджере",
  a_ended: "завершён", done: "Готово", second: "с", minute: "мин",
};
const EN = {
  table: "Table", seats_one: "{} seat", seats_other: "{} seats", called: "called {} ago", f_none: "all is well", delivered: "delivered",
  a_reset: "reset", a_cut: "cut off", a_left: "client left", a_waits: "waits", bad_token: "wrong token",
  s_open: "{} open, {} in all", poll: "Last poll {} ago", poll_never: "Nobody has polled yet",
  waiter_call: "Waiter called", add_dishes: "Dishes added", online_payment: "Paid online",
  redirect_to: "To extension", c_ringing: "rings for {}", c_dialing: "dialing for {}", c_talking: "talking for {}", call: "Call {}",
  l_none: "none", l_open: "{} of {} open", listen: "Streams: {}", listen_hook: "Streams: {}, web hook", listen_none: "Nobody listens",
  startup: "Switched on", incoming_call: "Incoming call", outgoing_call: "Outgoing call", start_talk: "Talk began",
  call_end: "Call ended", incoming_sms: "SMS", answer_elsewhere: "Redirected",
  chats: "Chats", w_us: "Restaurant", w_phone: "Restaurant, from the phone", waiting: "A client waits for messages",
  incomingMessageReceived: "Message of a guest", outgoingMessageReceived: "Message from the phone", outgoingAPIMessageReceived: "Message through the API",
  outgoingMessageStatus: "Status of a message", stateInstanceChanged: "State of the account", incomingCall: "Incoming call in the messenger", outgoingCall: "Outgoing call in the messenger",
  a_ended: "ended", done: "Done", second: "s", minute: "min",
};

export const language = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";

const own = language === "ru" ? RU : EN;

export function word(key, ...values) {
  return values.reduce((text, value) => text.replace("{}", value), own[key] ?? key);
}

// The page itself is written in English.
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = own[element.dataset.word] ?? element.textContent;
  }
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", word(element.dataset.label));
  for (const element of root.querySelectorAll("[data-value]")) element.value = own[element.dataset.value] ?? element.value;
}

export function span(seconds) {
  if (seconds < 10) return `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(seconds)} ${word("second")}`;
  if (seconds < 90) return `${Math.round(seconds)} ${word("second")}`;
  return `${Math.round(seconds / 60)} ${word("minute")}`;
}

export function money(sum) {
  return new Intl.NumberFormat(language, { style: "currency", currency: "RUB", currencyDisplay: "narrowSymbol", maximumFractionDigits: 2, minimumFractionDigits: 0 }).format(sum);
}

export function seats(count) {
  return word(`seats_${new Intl.PluralRules(language).select(count)}`, count);
}

// "VIP-зал" needs no word before it, "6" does.
export function tableName(name) {
  return /^\d/.test(name) ? `${word("table")} ${name}` : String(name);
}
