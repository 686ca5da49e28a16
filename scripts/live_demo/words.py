"""The house's texts in the languages of the demo."""

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "columns": "Table | Last event | Time | Bill",
        "guests_heading": "Be the guest",
        "guests_text": "Open the [page of the simulated QR menu]($control_url) and let a table call the waiter, order or pay. The lamps here are switched by automations that listen to the events.",
        "hall_lamp": "Hall lamp",
        "hall_switch": "Switch of the hall lamp",
        "house": "Demo restaurant",
        "log_heading": "What happened",
        "no_tables": "A table appears here with its first event.",
        "qr_menu": "QR menu",
        "table_6_call_alias": "Table 6 calls: its lamp on",
        "table_6_lamp": "Lamp of table 6",
        "table_6_paid_alias": "Table 6 has paid: its lamp off",
        "table_6_switch": "Switch of the lamp of table 6",
        "tables_heading": "Tables",
        "waiter_call_alias": "Any table calls: hall lamp on for 20 seconds",
    },
    "ru": {
        "columns": "Столик | Последнее событие | Время | Счёт",
        "guests_heading": "Побудьте гостем",
        "guests_text": "Откройте [страницу имитации QR-меню]($control_url): вызовите официанта, сделайте заказ или оплатите его. Лампами здесь управляют автоматизации, которые слушают события.",
        "hall_lamp": "Лампа в зале",
        "hall_switch": "Выключатель лампы в зале",
        "house": "Демо-ресторан",
        "log_heading": "Что произошло",
        "no_tables": "Столик появится здесь с первым событием.",
        "qr_menu": "QR-меню",
        "table_6_call_alias": "Вызов со столика 6: включить его лампу",
        "table_6_lamp": "Лампа столика 6",
        "table_6_paid_alias": "Столик 6 оплатил: выключить его лампу",
        "table_6_switch": "Выключатель лампы столика 6",
        "tables_heading": "Столики",
        "waiter_call_alias": "Вызов с любого столика: лампа в зале на 20 секунд",
    },
}
