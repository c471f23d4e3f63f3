//! The words that the sample data is made of. Invented companies; places that exist; names of people
//! from many languages, some of them awkward on purpose. Changing a list changes every golden file.

pub(super) const GIVEN: [&str; 80] = [
    "Ada", "Aino", "Akira", "Alejandra", "Amara", "Anaïs", "Anders", "Anneke", "Aoife", "Arjun",
    "Astrid", "Ayşe", "Bao", "Beatriz", "Björn", "Bogdan", "Carmen", "Chidi", "Chloé", "Ciarán",
    "Dagny", "Daiki", "Dimitra", "Dragana", "Élodie", "Emeka", "Esther", "Farid", "Fatima",
    "Fiona", "Gergely", "Giulia", "Grażyna", "Hana", "Håkon", "Henrik", "Hyun-woo", "Ifeoma",
    "Ilse", "Ines", "İrem", "Ivana", "Jakub", "Jin", "João", "Jorge", "Kaia", "Katarína", "Kenji",
    "Lea", "Liis", "Lokelani", "Łukasz", "Mariam", "Marta", "Mei", "Miloš", "Moana", "Nadia",
    "Ngozi", "Niamh", "Noor", "Olena", "Oskar", "Paloma", "Petra", "Rahel", "Ravi", "Rosa",
    "Sanne", "Søren", "Tadeusz", "Tereza", "Thandiwe", "Tomás", "Ugo", "Valentina", "Yara",
    "Yusuf", "Zoë",
];

pub(super) const FAMILY: [&str; 80] = [
    "Adeyemi", "Aguirre", "Andersson", "Bakker", "Balogun", "Barros", "Bergström", "Bianchi",
    "Brandt", "Castro", "Çelik", "Chang", "Costa", "Dahl", "D'Angelo", "de Vries", "Demir",
    "Dubois", "Eriksen", "Fekete", "Fernández", "Fischer", "Fournier", "García", "Grünwald",
    "Haddad", "Halonen", "Hernández", "Horvat", "Ibrahim", "Ivanov", "Jansen", "Jokinen", "Kaplan",
    "Karlsson", "Kaur", "Kim", "Kowalczyk", "Kovács", "Laurent", "Le Gall", "Lindqvist", "Lopes",
    "Mancini", "Marković", "Mbeki", "McAllister", "Meyer", "Mikkelsen", "Mokoena", "Moreau",
    "Müller", "Nakamura", "Ní Bhriain", "Novák", "Nowak", "O'Brien", "Okafor", "Olsen", "Özdemir",
    "Papadopoulou", "Park", "Patel", "Pereira", "Popescu", "Quispe", "Ramírez", "Rossi", "Saito",
    "Schröder", "Sharma", "Šimić", "Sørensen", "Suzuki", "Tamm", "van den Berg", "Vuković", "Weiß",
    "Yılmaz", "Zhang",
];

/// Names that break what is careless with names. None is a person's.
pub(super) const AWKWARD: [&str; 16] = [
    "Null",
    "O'Neill-d'Arc",
    "Robert'); DROP TABLE customer;--",
    "نور الهدى",
    "שרה לוי",
    "🦊 Fuchs & Söhne",
    "<b>Bold</b> GmbH",
    "X",
    "  Blank  Around  ",
    "Zoe\u{308} Combining",
    "100 % Natural_Foods",
    "C:\\Temp Services",
    "李小龙 贸易",
    "Ærø Færge",
    "Tab\tand \"Quotes\"",
    "An unusually long name that goes on for much longer than any list or table was ever meant to hold, and then on",
];

pub(super) const COMPANY: [&str; 40] = [
    "Amber", "Anchor", "Birch", "Bluebell", "Brook", "Cedar", "Clover", "Cobalt", "Copper",
    "Cormorant", "Dune", "Elder", "Ember", "Fennel", "Fjord", "Gannet", "Granite", "Harbour",
    "Hazel", "Heron", "Indigo", "Juniper", "Kestrel", "Lantern", "Larch", "Linden", "Marble",
    "Meadow", "Moss", "Nettle", "Osprey", "Pebble", "Quarry", "Rowan", "Saffron", "Sorrel", "Tern",
    "Thistle", "Umber", "Willow",
];

pub(super) const TRADE: [&str; 16] = [
    "Bakery", "Books", "Ceramics", "Chemicals", "Cycles", "Electric", "Foods", "Instruments",
    "Joinery", "Logistics", "Optics", "Paper", "Printing", "Shipping", "Textiles", "Tools",
];

pub(super) const TOWN: [&str; 24] = [
    "Aarhus", "Antwerp", "Bergen", "Bilbao", "Bologna", "Brno", "Cork", "Gdańsk", "Ghent",
    "Gothenburg", "Graz", "Groningen", "Leipzig", "Ljubljana", "Lyon", "Málaga", "Novi Sad",
    "Porto", "Rennes", "Tampere", "Tartu", "Thessaloniki", "Turku", "Zürich",
];

pub(super) const NOTE: [&str; 12] = [
    "Prefers to be written to rather than called",
    "Asked for the price list of next year",
    "Wants delivery before nine in the morning",
    "Is moving the warehouse; new address to follow",
    "Pays late, but always pays",
    "Recommended us to two other companies",
    "Complained about a damaged parcel; it was replaced",
    "Interested in a yearly contract",
    "Has a new buyer; introduce ourselves",
    "Closed in August",
    "Needs invoices with an order number",
    "Said that the last delivery was excellent",
];

pub(super) const MEETING: [&str; 6] = [
    "Visited the warehouse and went through next year's volumes",
    "Met at the trade fair; wants samples",
    "Agreed on quarterly deliveries",
    "Presented the new range",
    "Talked about terms of payment; thirty days from now on",
    "Introduced the new contact person",
];

pub(super) const CALL: [&str; 6] = [
    "Asked where order 1180 is; it arrived the same day",
    "Postponed the meeting by a week",
    "Confirmed the delivery date",
    "Wants to be called back in the new quarter",
    "Asked for a copy of an invoice",
    "Ordered the same as last month",
];

pub(super) const CHANGED: [(&str, &str); 6] = [
    ("status", "Status set after a year without orders"),
    ("owner", "Handed over to a colleague"),
    ("email phone", "New contact data"),
    ("town", "Moved"),
    ("credit_limit", "Credit limit adjusted after the yearly review"),
    ("display_name company", "Company renamed"),
];
