//! Values by which envelopes say how it went, in several languages.

/// Values of a key that name nothing.
pub const NOTHING: &[&str] = &["", "0", "no", "none", "null", "nil", "false", "n/a", "-", "ok"];
/// Values that say that it went well.
pub const GOOD_WORDS: &[&str] = &[
    "ok",
    "okay",
    "success",
    "successful",
    "succeeded",
    "up",
    "healthy",
    "available",
    "operational",
    "pass",
    "passed",
    "passing",
    "ready",
    "erfolg",
    "succes",
    "succès",
    "exito",
    "éxito",
    "sucesso",
    "successo",
    "basarili",
    "başarılı",
    "sukces",
    "úspěch",
    "успех",
    "успешно",
    "成功",
    "성공",
];
/// How a text begins that says that nothing failed.
pub const DENIALS: &[&str] = &[
    "no error",
    "no problem",
    "no issue",
    "no fault",
    "no failure",
    "0 error",
    "0 failure",
    "zero error",
    "not an error",
    "without error",
    "kein fehler",
    "keine fehler",
    "keine störung",
    "aucune erreur",
    "aucun problème",
    "sin error",
    "ningún error",
    "nessun errore",
    "sem erro",
    "nenhum erro",
    "geen fout",
    "inga fel",
    "ingen feil",
    "ingen fejl",
    "ei virhe",
    "brak błęd",
    "bez chyb",
    "žádná chyba",
    "nincs hiba",
    "fără eror",
    "hata yok",
    "ошибок нет",
    "нет ошибок",
    "без ошибок",
    "помилок немає",
    "エラーなし",
    "エラーはありません",
    "没有错误",
    "无错误",
    "오류 없음",
    "không có lỗi",
    "tidak ada kesalahan",
];
/// Values that say that it went badly.
pub const BAD_WORDS: &[&str] = &[
    "error",
    "fail",
    "failed",
    "failure",
    "erro",
    "fehler",
    "ko",
    "nok",
    "down",
    "unavailable",
    "exception",
    "err",
    "fault",
    "erreur",
    "errore",
    "hata",
    "unhealthy",
    "outage",
    "degraded",
    "internal_error",
    "server_error",
    "out_of_service",
    "critical",
];
/// Names of codes that say that it went badly: gRPC's, as Twirp and gateways write them.
pub const BAD_CODES: &[&str] = &[
    "internal",
    "unavailable",
    "unknown",
    "deadline_exceeded",
    "resource_exhausted",
    "aborted",
    "data_loss",
    "unauthenticated",
    "permission_denied",
    "failed_precondition",
    "unimplemented",
];

/// Whether a value says that it went badly.
pub(super) fn is_bad_word(text: &str) -> bool {
    if text.split(['_', ' ', '-']).any(|word| GOOD_WORDS.contains(&word)) {
        return false;
    }
    BAD_WORDS.contains(&text) || text.split(['_', ' ', '-']).any(|word| BAD_WORDS.contains(&word))
}

/// "No errors found": says that nothing failed.
pub(super) fn denies(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    DENIALS.iter().any(|denial| lower.starts_with(denial))
}
