const RU = {
  title: "Симулятор ресторана",
  subtitle: "QR-меню отвечает как настоящее. Что гости делают здесь, узнают все, кто спрашивает.",
  offline: "Симулятор не отвечает. Он ещё работает?",
  tables: "Столики", table: "Столик", seats_one: "{} место", seats_few: "{} места", seats_many: "{} мест", seats_other: "{} места",
  call: "Официант", dishes: "Заказать", pay: "Оплатить",
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
  r_ago: "Назад", r_cursor: "Знает", r_answer: "Ответ", r_connection: "Соед.",
  a_reset: "сброс", a_cut: "обрыв", a_left: "клиент ушёл", a_waits: "ждёт", bad_token: "неверный токен",
  server: "Сервер QR-меню", s_url: "Адрес", s_fingerprint: "Сертификат (SHA-256)",
  s_connections: "Соединения", s_open: "открыто {}, всего {}", s_token: "Токен",
  s_auth_failure: "На неверный токен", s_unknown_cursor: "На неизвестный hash",
  s_all: "вся очередь", s_nothing: "ничего", s_error: "result: false",
  restart: "Перезапуск с пустой очередью", renew: "Новый сертификат",
  poll: "Последний опрос {} назад", poll_never: "Опросов ещё не было",
  waiter_call: "Вызов официанта", add_dishes: "Новый заказ", online_payment: "Оплата онлайн",
  done: "Готово", second: "с", minute: "мин",
};
const EN = {
  table: "Table", seats_one: "{} seat", seats_other: "{} seats", called: "called {} ago", f_none: "all is well", delivered: "delivered",
  a_reset: "reset", a_cut: "cut off", a_left: "client left", a_waits: "waits", bad_token: "wrong token",
  s_open: "{} open, {} in all", poll: "Last poll {} ago", poll_never: "Nobody has polled yet",
  waiter_call: "Waiter called", add_dishes: "Dishes added", online_payment: "Paid online",
  done: "Done", second: "s", minute: "min",
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
