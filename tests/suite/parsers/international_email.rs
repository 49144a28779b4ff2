//! E-mail addresses in any script (RFC 6531): accepted mailboxes and refused lookalikes.

use rubrica::domain::{Email, EmailError};

/// Addresses whose part before the `@` is stored as sent.
const ACCEPTED: [&str; 58] = [
    "संपर्क@डाटामेल.भारत",
    "अजय@डाटामेल.भारत",
    "राम@मोहन.ईन्फो",
    "उदाहरण.परीक्ष@domain.with.idn.tld",
    "伊昭傑@郵件.商務",
    "葉士豪@臺網中心.tw",
    "葉士豪@臺網中心.台灣",
    "jeff葉@臺網中心.tw",
    "jeff@臺網中心.tw",
    "我買@屋企.香港",
    "甲斐@黒川.日本",
    "二ノ宮@黒川.日本",
    "甲斐黒川日本@example.tld",
    "юзер@екзампл.ком",
    "чебурашка@ящик-с-апельсинами.рф",
    "чебурашкаящик-с-апельсинами.рф@example.tld",
    "медведь@с-балалайкой.рф",
    "θσερ@εχαμπλε.ψομ",
    "δοκιμή@παράδειγμα.δοκιμή",
    "ιωάννης@εεττ.gr",
    "ñoñó@example.tld",
    "dörte@sörensen.example.com",
    "测试@普遍适用测试.我爱你",
    "㐀㐁䶴䶵@example.com",
    "𠀀𠀁𪛕𪛖@example.com",
    "測試@普遍適用測試.台灣",
    "تجربة@تجربة-القبول-الشامل.موريتانيا",
    "թեստ@համընդհանուր-ընկալում-թեստ.հայ",
    "পরীক্ষা@সর্বজনীন-স্বীকৃতির-পরীক্ষা.ভারত",
    "тест@универсальное-принятие-тест.москва",
    "परीक्षण@सार्वभौमिक-स्वीकृति-परीक्षण.संगठन",
    "ტესტი@უნივერსალური-თავსობადობის-ტესტი.გე",
    "δοκιμή@καθολική-αποδοχή-δοκιμή.ευ",
    "પરીક્ષણ@સાર્વત્રિક-સ્વીકૃતિ-પરીક્ષણ.ભારત",
    "ਪਰਖ@ਸਰਵਵਿਆਪਕ-ਪ੍ਰਵਾਨਗੀ-ਪਰਖ.ਭਾਰਤ",
    "테스트@다국어도메인이용환경테스트.한국",
    "מבחן@מבחן-קבלה-אוניברסלי.קום",
    "どこでも@どこでもつかえる.みんな",
    "ಪರೀಕ್ಷೆ@ಸಾರ್ವತ್ರಿಕ-ಸ್ವೀಕಾರಾರ್ಹತೆ-ಪರೀಕ್ಷೆ.ಭಾರತ",
    "ユニバーサル@ユニバーサルアクセプタンス.クラウド",
    "ທົດລອງ@ສາກົນ-ການຍອມຮັບ-ທົດລອງ.ລາວ",
    "പരിശോധന@സാർവത്രിക-സ്വീകാര്യതാ-പരിശോധന.ഭാരതം",
    "ଟେଷ୍ଟ@ଯୁନିଭରସାଲ-ଏକସେପ୍ଟନ୍ସ-ଟେଷ୍ଟ.ଭାରତ",
    "පිරික්සුම@විශ්ව-සම්මුති-පිරික්සුම.ලංකා",
    "சோதனை@பொது-ஏற்பு-சோதனை.சிங்கப்பூர்",
    "పరీక్ష@యూనివర్సల్-ఆమోదం-పరీక్ష.భారత్",
    "ทดสอบ@ยูเอทดสอบ.ไทย",
    "คำถาม@example.com",
    "ຄຳຖາມ@example.com",
    "ሙከራ@ሁለንአቀፍ-ተቀባይነት-ሙከራ.com",
    "សាកល្បង@ការសាកល្បងទទួលយកជាអន្តរជាតិ.com",
    "စမ်းသပ်ချက်@အလုံးစုံလက်ခံမှုစမ်းသပ်ချက်.com",
    "ޓެސްޓު@ދުނިޔެ-ގަބޫލުކުރާ-ޓެސްޓު.com",
    "བརྟག་དཔྱད@example.com",
    // Yoruba: no single character has the dot below and the tone above.
    "ọ\u{300}rẹ\u{301}@example.com",
    "col·legi@example.com",
    // Joiners in words that are spelled with them: Sinhala, Persian.
    "ශ්\u{200d}රී@ශ්\u{200d}රී.ලංකා",
    "می\u{200c}خواهم@example.com",
];

#[test]
fn mailbox_names_may_be_in_any_script() {
    for sent in ACCEPTED {
        let email = Email::parse(sent).unwrap_or_else(|error| panic!("{sent:?} {error}"));

        let (local_part, domain) = email.as_str().rsplit_once('@').unwrap();
        assert_eq!(Some(local_part), sent.split('@').next(), "{sent:?}");
        assert!(domain.is_ascii(), "{domain}");
        assert_eq!(Email::parse(email.as_str()), Ok(email), "{sent:?}");
    }
}

#[test]
fn a_domain_is_converted_to_its_dns_name() {
    for (sent, domain) in [
        ("jeff@臺網中心.tw", "xn--fiqq24b10vi0d.tw"),
        ("葉士豪@臺網中心.台灣", "xn--fiqq24b10vi0d.xn--kpry57d"),
        ("राम@मोहन.ईन्फो", "xn--l2bl7a9d.xn--o1b8dj2ki"),
        ("юзер@екзампл.ком", "xn--80ajglhfv.xn--j1aef"),
        ("θσερ@εχαμπλε.ψομ", "xn--mxahbxey0c.xn--xxaf0a"),
        ("伊昭傑@郵件.商務", "xn--5nqv22n.xn--lhr59c"),
        ("ιωάννης@εεττ.gr", "xn--qxaa9ba.gr"),
    ] {
        let email = Email::parse(sent).unwrap();

        assert_eq!(email.as_str().rsplit_once('@').unwrap().1, domain);
    }
}

#[test]
fn letters_are_lower_cased_in_every_script_that_has_cases() {
    for (sent, kept) in [
        ("ЮЗЕР", "юзер"),
        ("ΘΣΕΡ", "θσερ"),
        // A sigma at the end of a word has a different form.
        ("ΙΩΆΝΝΗΣ", "ιωάννης"),
        ("ԹԵՍՏ", "թեստ"),
        ("ᲢᲔᲡᲢᲘ", "ტესტი"),
        ("ꭰᎡ", "ꭰꭱ"),
        ("𐐀𐐁", "𐐨𐐩"),
        // The Turkish capital I keeps its dot; the dotless small letter does not change.
        ("İnci", "i\u{307}nci"),
        ("ılgaz", "ılgaz"),
        ("STRAẞE", "straße"),
        ("O\u{323}\u{300}RE\u{323}\u{301}", "ọ\u{300}rẹ\u{301}"),
    ] {
        let email = Email::parse(&format!("{sent}@example.com")).unwrap();

        assert_eq!(email.as_str(), format!("{kept}@example.com"));
    }
}

/// Refused mailbox names outside ASCII.
const BAD_LOCAL_PARTS: [&str; 30] = [
    // Full-width, half-width, superscript, circled and mathematical letters, ligatures, presentation forms.
    "ｊａｎｅ@example.com",
    "ｱｲｳ@example.com",
    "jane²@example.com",
    "jª@example.com",
    "①@example.com",
    "Ⅷ@example.com",
    "𝐣𝐚𝐧𝐞@example.com",
    "ﬁn@example.com",
    "ﺍﺏ@example.com",
    "ǆ@example.com",
    // Lookalikes of punctuation.
    "jane＠doe@example.com",
    "jane．doe@example.com",
    "jane。doe@example.com",
    "“jane”@example.com",
    "jane’s@example.com",
    "jane–doe@example.com",
    "a·b@example.com",
    "a・b@example.com",
    "״a@example.com",
    // Symbols.
    "☃@example.com",
    "😀@example.com",
    "jane€@example.com",
    // A combining mark without a letter.
    "\u{301}jane@example.com",
    "a.\u{301}b@example.com",
    "+\u{301}@example.com",
    "a\u{20dd}@example.com",
    // Private use, unassigned, a noncharacter.
    "\u{e000}@example.com",
    "\u{378}@example.com",
    "\u{ffff}@example.com",
    "\u{10ffff}@example.com",
];

const BAD_DOMAINS: [&str; 19] = [
    "my@．leadingfwdot.com",
    "my@twofwdots．．.com",
    "my@trailingfwdot.com．",
    "me@－leadingdashfw",
    "me@trailingdashfw－",
    "my@baddash.-.com",
    "my@baddash.-a.com",
    "my@baddash.b-.com",
    "my@baddashfw.－.com",
    "my@baddashfw.－a.com",
    "my@baddashfw.b－.com",
    "me@⒈wouldbeinvalid.com",
    "me@bad-tld-1",
    "me@bad.tld-2",
    "me@xn--0.tld",
    "me@yy--0.tld",
    "me@yy－－0.tld",
    "jane@\u{301}example.com",
    "jane@exam\u{e000}ple.com",
];

#[test]
fn lookalikes_of_addresses_are_refused() {
    let tables = [
        (&BAD_LOCAL_PARTS[..], EmailError::LocalPart),
        (&BAD_DOMAINS, EmailError::Domain),
    ];
    for (texts, error) in tables {
        for text in texts {
            assert_eq!(Email::parse(text), Err(error), "{text:?}");
        }
    }
}

#[test]
fn the_64_byte_limit_of_the_local_part_counts_utf8() {
    let devanagari = "क".repeat(21);
    assert!(Email::parse(&format!("{devanagari}a@example.com")).is_ok());

    assert_eq!(
        Email::parse(&format!("{devanagari}aa@example.com")),
        Err(EmailError::LocalPartTooLong)
    );
}
