//! Sources all over the world, and a database of places in which all of it is one country.

/// The smallest database of MaxMind's form there is: one node, both of whose arms are one country.
pub fn database(country: &str) -> Vec<u8> {
    let text = |text: &str| [&[0x40 | text.len() as u8], text.as_bytes()].concat();
    let record =
        [vec![0xE1], text("country"), vec![0xE1], text("iso_code"), text(country)].concat();
    let pointer = 1_u32 + 16;
    let arm = &pointer.to_be_bytes()[1..];
    let number = |n: u8| vec![0xC1, n];
    let metadata = [
        vec![0xE9],
        [text("node_count"), number(1)].concat(),
        [text("record_size"), vec![0xA1, 24]].concat(),
        [text("ip_version"), vec![0xA1, 6]].concat(),
        [text("database_type"), text("canary")].concat(),
        [text("languages"), vec![0x00, 0x04]].concat(),
        [text("binary_format_major_version"), vec![0xA1, 2]].concat(),
        [text("binary_format_minor_version"), vec![0xA0]].concat(),
        [text("build_epoch"), vec![0x01, 0x02, 9]].concat(),
        [text("description"), vec![0xE0]].concat(),
    ]
    .concat();
    [arm, arm, &[0; 16], &record, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
}

/// Sources all over the world, each of its own.
pub fn source(n: u32) -> [u8; 4] {
    let spread = n.wrapping_mul(2_654_435_761).to_be_bytes();
    [11 + spread[0] % 100, spread[1], spread[2], spread[3]]
}
