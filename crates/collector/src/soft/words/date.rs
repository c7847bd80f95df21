//! Whether a text names a day of a year.
//!
//! Who reports or announces says when; who just failed does not know yet. Numbers are read in the
//! orders that people write, months by the beginning of their names.
//!
//! # What it cannot tell
//!
//! A time stamp from a date of a calendar: callers look at the sentences that matter only.

/// Beginnings of the names of months, in languages that write days beside them.
const MONTHS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "mai",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "okt",
    "nov",
    "dec",
    "dez",
    "mär",
    "fév",
    "fev",
    "avr",
    "aoû",
    "déc",
    "ene",
    "abr",
    "ago",
    "dic",
    "gen",
    "giu",
    "lug",
    "ott",
    "maj",
    "juin",
    "juil",
    "mei",
    "stycz",
    "lut",
    "kwie",
    "czerw",
    "lip",
    "sier",
    "wrze",
    "paź",
    "grud",
    "янв",
    "фев",
    "мар",
    "апр",
    "мая",
    "июн",
    "июл",
    "авг",
    "сен",
    "окт",
    "ноя",
    "дек",
    "січ",
    "лют",
    "бер",
    "кві",
    "трав",
    "черв",
    "лип",
    "сер",
    "вер",
    "жов",
    "лис",
    "груд",
    "ocak",
    "şub",
    "nis",
    "haz",
    "tem",
    "ağu",
    "eyl",
    "eki",
    "kas",
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
    "มกร",
    "กุม",
    "มีน",
    "เมษ",
    "พฤษ",
    "มิถ",
    "กรก",
    "สิง",
    "กัน",
    "ตุล",
    "ธัน",
    "tháng",
    "जन",
    "फर",
    "अप्रै",
    "अग",
    "सितं",
    "अक्टू",
    "नवं",
    "दिसं",
    "ιαν",
    "φεβ",
    "μαρ",
    "απρ",
    "μαΐ",
    "ιουν",
    "ιουλ",
    "αυγ",
    "σεπ",
    "οκτ",
    "νοε",
    "δεκ",
    "tammik",
    "helmik",
    "maalisk",
    "huhtik",
    "toukok",
    "kesäk",
    "heinäk",
    "elok",
    "syysk",
    "lokak",
    "marrask",
    "jouluk",
    "ledna",
    "února",
    "březn",
    "dubna",
    "květn",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "listopad",
    "prosin",
    "siječ",
    "velja",
    "ožuj",
    "trav",
    "svib",
    "lipnj",
    "srpnj",
    "kolov",
    "rujna",
    "stud",
    "prosinc",
    "saus",
    "vasar",
    "kovo",
    "balan",
    "geguž",
    "birž",
    "liep",
    "rugp",
    "rugs",
    "spal",
    "lapkr",
    "gruod",
    "jaan",
    "veeb",
    "märts",
    "ian",
    "noi",
    "szept",
    "márc",
    "ápr",
    "máj",
    "јан",
    "мај",
    "јун",
    "јул",
    "იან",
    "თებ",
    "მარ",
    "აპრ",
    "მაი",
    "ივნ",
    "ივლ",
    "აგვ",
    "სექ",
    "ოქტ",
    "ნოე",
    "დეკ",
    "ינואר",
    "פברואר",
    "מרץ",
    "אפריל",
    "מאי",
    "יוני",
    "יולי",
    "אוגוסט",
    "ספטמבר",
    "אוקטובר",
    "נובמבר",
    "דצמבר",
    "בינואר",
    "בפברואר",
    "במרץ",
    "באפריל",
    "במאי",
    "ביוני",
    "ביולי",
    "באוגוסט",
    "בספטמבר",
    "באוקטובר",
    "בנובמבר",
    "בדצמבר",
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
    "জানু",
    "ফেব্রু",
    "মার্চ",
    "এপ্রিল",
    "জুন",
    "জুলাই",
    "আগস্ট",
    "সেপ্টে",
    "অক্টো",
    "নভে",
    "ডিসে",
    "जनव",
    "मार्च",
    "जुला",
];

/// Whether a text in small letters names a day.
pub fn names_date(lower: &str) -> bool {
    let mut before = "";
    let words = lower.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'));
    for word in words.filter(|word| !matches!(*word, "" | "de" | "of" | "the")) {
        let is_day = |word: &str| {
            // "20–22 June".
            let last = word.rsplit(['–', '-', '‒']).next().unwrap_or(word);
            let digits = last.trim_end_matches(|c: char| !c.is_ascii_digit());
            digits.len() <= 2 && digits.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
        };
        if is_numbers(word)
            || (is_day(before) && is_month(word))
            || is_month(before) && is_day(word)
        {
            return true;
        }
        before = word;
    }
    has_sign(lower, ['月', '日']) || has_sign(lower, ['월', '일'])
}

fn is_month(word: &str) -> bool {
    word.chars().all(|c| c.is_alphabetic() || c == '.' || !c.is_ascii())
        && MONTHS.iter().any(|month| word.starts_with(month))
}

/// 2026-06-14, 14.06.2026, 14.06., 14/06/2026.
fn is_numbers(word: &str) -> bool {
    let word = word.trim_matches(|c: char| matches!(c, ':' | ';' | '–' | '[' | ']'));
    ['-', '.', '/'].iter().any(|sign| {
        let parts: Vec<&str> = word.split(*sign).collect();
        let [first, month, last] = parts[..] else { return false };
        let number = |part: &str| part.parse::<u16>().ok();
        let has_day = |day: &str| number(day).is_some_and(|it| (1..=31).contains(&it));
        let has_year = |year: &str| number(year).is_some_and(|it| (1990..2100).contains(&it));
        let is_short = *sign == '.' && last.is_empty() && first.len() <= 2 && month.len() <= 2;
        number(month).is_some_and(|it| (1..=12).contains(&it))
            && (has_day(first) && (has_year(last) || is_short) || has_year(first) && has_day(last))
    })
}

/// 6月1日, 4월 15일.
fn has_sign(text: &str, [month, day]: [char; 2]) -> bool {
    let Some(at) = text.find(month) else { return false };
    let (before, after) = text.split_at(at);
    let after = after[month.len_utf8()..].trim_start();
    let digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
    before.ends_with(|c: char| c.is_ascii_digit())
        && digits.len() < after.len()
        && digits.starts_with(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_known_and_other_numbers_are_not() {
        for text in [
            "on sunday 14 june between 02:00 and 05:00",
            "am 12. mai von 8 bis 12 uhr",
            "le 3 avril est terminée",
            "2026年6月1日（月）2:00",
            "4월 15일 02:00~06:00",
            "veröffentlicht am 04.06.",
            "updated 2026-06-14",
            "10 de junio",
            "march 3, 2026",
            "ปิดปรับปรุงครัววันที่ 20–22 ธันวาคมนี้",
            "23–26 december",
        ] {
            assert!(names_date(text), "{text}");
        }
        for text in
            ["open 24/7", "version 2.4.1", "error 503", "call 01632 960 200", "in 5 minutes"]
        {
            assert!(!names_date(text), "{text}");
        }
    }
}
