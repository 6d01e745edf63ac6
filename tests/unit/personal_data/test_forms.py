"""What has a form, check digits or a label: found, and told from what only looks like it."""

import pytest

from functions.domain.personal_data import EntityType, find

FULL_WIDTH = {ord(digit): ord(digit) - ord("0") + 0xFF10 for digit in "0123456789"}

FOUND = [
    (EntityType.EMAIL_ADDRESS, "write to {} soon", "jörg.o'neill+kyc@mail.example.co.uk"),
    (EntityType.URL, "see {}, then answer", "https://example.org/a/b?c=d#e"),
    (EntityType.URL, "see ({})", "www.example.org/x_(y)"),
    (EntityType.DOMAIN_NAME, "our site {} is down", "shop.example.com"),
    (EntityType.DOMAIN_NAME, "our site {} is down", "trattoria-bella.it"),
    (EntityType.IP_ADDRESS, "login from {} refused", "203.0.113.77"),
    (EntityType.IP_ADDRESS, "login from {} refused", "2001:db8:85a3::8a2e:370:7334"),
    (EntityType.MAC_ADDRESS, "device {} joined", "3c:22:fb:9a:00:7e"),
    (EntityType.CREDIT_CARD, "charged {} twice", "4111 1111 1111 1111"),
    (EntityType.CREDIT_CARD, "charged {} twice", "378282246310005"),
    (EntityType.CREDIT_CARD, "my card {} has a typo", "4111111111111112"),
    (EntityType.IBAN_CODE, "pay to {} today", "DE89 3704 0044 0532 0130 00"),
    (EntityType.IBAN_CODE, "pay to {} today", "gb29nwbk60161331926819"),
    (EntityType.IBAN_CODE, "IBAN {} was rejected", "DE88370400440532013000"),
    (EntityType.CRYPTO_WALLET, "send it to {}", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (EntityType.CRYPTO_WALLET, "send it to {}", "0x52908400098527886E0F7030069857D2E4169EE7"),
    (EntityType.US_SSN, "it is {}", "536-90-4399"),
    (EntityType.US_SSN, "social security number: {}", "536 90 4399"),
    (EntityType.TAX_ID, "it is {}", "912-70-1234"),
    (EntityType.TAX_ID, "Steuer-ID {}", "36574261809"),
    (EntityType.TAX_ID, "her PAN is {}", "ABCPE1234F"),
    (EntityType.NATIONAL_ID, "NI number {}", "QQ123456C".replace("QQ", "AB")),
    (EntityType.NATIONAL_ID, "codice {}", "RCCMNL83S18D969H"),
    (EntityType.NATIONAL_ID, "numéro {}", "2 95 10 99 126 111 93"),
    (EntityType.NATIONAL_ID, "nummer {}", "85.07.30-033.28"),
    (EntityType.NATIONAL_ID, "hetu {}", "131052-308T"),
    (EntityType.NATIONAL_ID, "nr {}", "811218-9876"),
    (EntityType.NATIONAL_ID, "nr {}", "756.9217.0769.85"),
    (EntityType.NATIONAL_ID, "cpf {}", "390.533.447-05"),
    (EntityType.NATIONAL_ID, "nie {}", "X-2482300-W"),
    (EntityType.NATIONAL_ID, "aadhaar {}", "2341 2341 2346"),
    (EntityType.NATIONAL_ID, "PESEL: {}", "44051401359"),
    (EntityType.NATIONAL_ID, "BSN {}", "111222333"),
    (EntityType.PASSPORT, "passport no. {} expires", "C01X00T47"),
    (EntityType.PASSPORT, "{}", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
    (EntityType.DRIVING_LICENCE, "driving licence {}", "MORGA657054SM9IJ"),
    (EntityType.DRIVING_LICENCE, "driver's license number is {}", "D1234567"),
    (EntityType.HEALTH_ID, "NHS number {}", "943 476 5919"),
    (EntityType.PERSONAL_ID, "employee id: {}", "E-10442"),
    (EntityType.BANK_ACCOUNT, "account number {}", "12345678"),
    (EntityType.BANK_ACCOUNT, "BIC {}", "COBADEFFXXX"),
    (EntityType.VEHICLE_ID, "license plate {}", "B-AB 1234"),
    (EntityType.VEHICLE_ID, "VIN {}", "1HGCM82633A004352"),
    (EntityType.DEVICE_ID, "IMEI {}", "490154203237518"),
    (EntityType.USERNAME, "username: {}", "mkowalska_84"),
    (EntityType.COORDINATES, "seen at {} again", "[51.5074,-0.1278]"),
    (EntityType.SECRET, "my PIN is {}", "4821"),
    (EntityType.URL, "open {} please", "https://example.org/?mail=anna@example.org"),
    (EntityType.COORDINATES, "GPS {}", "52.520008, 13.404954"),
    (EntityType.DATE_OF_BIRTH, "born on {}", "14 March 1985"),
    (EntityType.DATE_OF_BIRTH, "Date of birth: {}", "1985-03-14"),
    (EntityType.DATE_OF_BIRTH, "geboren am {}", "14.03.1985"),
    (EntityType.AGE, "a {} year old woman", "42"),
    (EntityType.SECRET, "key {} leaked", "AKIAIOSFODNN7EXAMPLE"),
    (EntityType.SECRET, "password: {}", "hunter2Hunter"),
    (EntityType.SECRET, "the password is {}", "S3cret!pw"),
    (EntityType.SECRET, "token {}", "ghp_" + "a1B2" * 9),
    (EntityType.SECRET, "url {}", "postgres://app:s3cr3t@db.internal:5432/orders"),
    (EntityType.SECRET, "{}", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF123"),
    (
        EntityType.SECRET,
        "{}",
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    ),
    (EntityType.PHONE_NUMBER, "ring {}", "+49 (0)89 636-48018"),
    (EntityType.PHONE_NUMBER, "it was {}", "(978) 645-9740 x11144"),
    (EntityType.PHONE_NUMBER, "it was {}", "020 7946 0958"),
    (EntityType.PHONE_NUMBER, "Phone: {}", "329 7730"),
    (EntityType.PHONE_NUMBER, "{} office", "51-16-34-25"),
]

# One digit or letter is wrong, so the number is not what it looks like.
NEAR_MISSES = [
    (EntityType.CRYPTO_WALLET, "wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
    (EntityType.US_SSN, "000-12-3456"),
    (EntityType.US_SSN, "666-12-3456"),
    (EntityType.NATIONAL_ID, "RCCMNL83S18D969A"),
    (EntityType.NATIONAL_ID, "2 95 10 99 126 111 94"),
    (EntityType.NATIONAL_ID, "85.07.30-033.29"),
    (EntityType.NATIONAL_ID, "131052-308U"),
    (EntityType.NATIONAL_ID, "811218-9875"),
    (EntityType.NATIONAL_ID, "390.533.447-06"),
    (EntityType.NATIONAL_ID, "756.9217.0769.84"),
    (EntityType.NATIONAL_ID, "X-2482300-A"),
    (EntityType.NATIONAL_ID, "2341 2341 2347"),
    (EntityType.CREDIT_CARD, "4111 1111 1111 1112"),
    (EntityType.CREDIT_CARD, "9111 1111 1111 1110"),
    (EntityType.IBAN_CODE, "DE88 3704 0044 0532 0130 00"),
    (EntityType.IBAN_CODE, "DE8937040044053201300"),
    (EntityType.IP_ADDRESS, "203.0.113.277"),
    (EntityType.IP_ADDRESS, "2001:db8:85a3:::370:7334"),
]

PASSED_OVER = [
    "ssh git@host: fatal",
    "if user.name in app.config.load(x): pass",
    "the build ended.it was late",
    "http://localhost:8080/health and http://127.0.0.1:9000/",
    "upgrade from 2.4.1.7 to version 3.0.0.12",
    "fingerprint 3c:22:fb:9a:00:7e:11:aa:bb:cc",
    "std::vector<int> at 12:30:45, key a::b",
    "order 4111111111111112 was shipped",
    "order id 4111111111111111",
    "article DE88370400440532013000",
    "the passport office opens at 9",
    "account number missing",
    "username required",
    "the pin must not be empty",
    "password = get_password(settings)",
    "token=<your token>",
    "released 2024-03-14, due 14.03.2025",
    "a 3 year old bug",
    "order 0123456789 of 2024-01-02 10:11:12",
    "total 1.234.567 pieces",
    "2026-02-03T08:15:22.104Z trace 4bf92f3577b34da6a3ce929d0e0e4736",
    "7f6a2d30-1c4b-4e7f-8a55-0b6a1f9c2d11",
]


@pytest.mark.parametrize(("entity_type", "sentence", "value"), FOUND)
def test_a_value_is_found_whole_and_with_its_type(entity_type, sentence, value):
    text = sentence.format(value)
    start = text.index(value)
    found = [finding[:3] for finding in find(text)]
    assert (start, start + len(value), entity_type) in found


@pytest.mark.parametrize(("entity_type", "text"), NEAR_MISSES)
def test_a_wrong_check_digit_or_part_is_noticed(entity_type, text):
    assert entity_type not in {finding.entity_type for finding in find(text)}


@pytest.mark.parametrize("text", PASSED_OVER)
def test_what_only_looks_alike_is_passed_over(text):
    assert find(text) == []


def test_a_card_in_full_width_digits_is_found_in_its_place():
    text = f"card {'4111111111111111'.translate(FULL_WIDTH)} ok"
    assert [finding[:3] for finding in find(text)] == [(5, 21, EntityType.CREDIT_CARD)]


def test_a_card_with_zero_width_characters_is_found_with_all_of_them():
    text = "card 4111\u200b1111\u200b1111\u200b1111 ok"
    assert [finding[:3] for finding in find(text)] == [(5, 24, EntityType.CREDIT_CARD)]


def test_a_private_key_that_was_cut_off_is_still_a_secret():
    text = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    assert [finding[:3] for finding in find(text)] == [(0, len(text), EntityType.SECRET)]


def test_the_type_of_a_finding_prints_as_its_name():
    assert str(find("a@example.com")[0].entity_type) == "EMAIL_ADDRESS"
