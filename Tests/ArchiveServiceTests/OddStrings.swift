// Strings that have broken programs.

/// None is blank; every one is a text that somebody may send.
enum OddStrings {
  static let all: [String] = [
    "undefined", "null", "NaN", "-0", "1e400", "0x0", "true", "None", "\\", "\\\\", "/", "//",
    "'", "\"", "''''\"", "`", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "'; DROP TABLE users; --", "{\"$ne\": null}", "$where", "${jndi:ldap://x}", "{{7*7}}", "%s%n%x",
    "%00", "%0d%0a", "../../etc/passwd", "CON", "a\u{0}b", "\u{0}", "\u{1}\u{2}\u{7F}", "\u{85}x",
    "a\r\nb", "a\nb\rc\td", "\u{2028}x\u{2029}", "\u{FEFF}bom", "x\u{FEFF}", "\u{200B}",
    "\u{202E}txt.exe", "\u{2066}x\u{2069}", "\u{AD}soft", "e\u{301}", "\u{E9}", "\u{1E9B}\u{323}",
    "\u{212B}", "\u{FB01}", "ﷺ", "Ω≈ç√∫˜µ≤≥÷", "田中さん", "пример", "مثال", "דוגמה", "ตัวอย่าง",
    "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇺🇳🇷🇺", "👍🏿", "\u{10FFFF}", "\u{E000}",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞", " x ", "\tx\n",
    "İıſK", "ß", "ǅ", "a\u{1F}b\u{1E}c", "\u{1B}[31mred", "]]>", "--", "=1+1", "+1", "@x",
    "\u{1F4A9}", String(repeating: "\u{301}", count: 5000) + "x",
    String(repeating: "\"", count: 3000), String(repeating: "\u{0}", count: 500),
  ]
}
