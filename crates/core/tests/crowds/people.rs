//! Who asks: addresses as networks hand them out, and what programs say of themselves.

use crate::crowds::dice::Dice;

/// One who asks.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    /// Address.
    pub client: u128,
    /// Agent, a place in the scene's names.
    pub agent: u32,
    /// Whether it speaks HTTP/2.
    pub is_http2: bool,
}

/// IPv4 inside IPv6.
pub fn v4(address: u32) -> u128 {
    0xffff_0000_0000 | u128::from(address)
}

/// A network's first address by its number; never private, never multicast.
fn network(number: u64) -> u32 {
    let mixed = Dice::new(number).bits();
    let first = [2, 5, 24, 31, 46, 62, 77, 80, 81, 84, 89, 91, 93, 95, 109, 151, 178, 188, 217];
    let first: u32 = first[(mixed % 19) as usize];
    (first << 24) | ((mixed >> 20) as u32 & 0x00ff_0000)
}

/// A person at home or on the road: providers are unequal, a quarter comes over IPv6.
pub fn person(dice: &mut Dice) -> u128 {
    let provider = dice.popular(150) as u64;
    if dice.chance(0.25) {
        let prefix = 0x2a02_0000u128 + u128::from(provider * 8);
        return (prefix << 96)
            | (u128::from(dice.bits() & 0xff_ffff) << 72)
            | u128::from(dice.bits());
    }
    v4(network(provider) | (dice.bits() as u32 & 0xffff))
}

/// The few addresses behind which a mobile carrier keeps its customers.
pub fn carrier(dice: &mut Dice, count: usize) -> Vec<u128> {
    let base = network(5_000 + dice.whole(0, 20)) | 0x4000;
    (0..count as u32).map(|place| v4(base + place)).collect()
}

/// A machine in a data centre's network of 256.
pub fn hosted(dice: &mut Dice, network_number: u64) -> u128 {
    v4(network(9_000 + network_number) | 0x1200 | (dice.bits() as u32 & 0xff))
}

/// A captured device anywhere: spread far more evenly than a site's own visitors.
pub fn captured(dice: &mut Dice) -> u128 {
    let number = 20_000 + dice.whole(0, 4_000);
    v4(network(number) ^ (dice.bits() as u32 & 0x00ff_ffff))
}

/// A browser's agent in about the shares of the market.
pub fn browser(dice: &mut Dice) -> String {
    let version = 126 - dice.popular(12);
    let minor = dice.whole(0, 6);
    match dice.unit() {
        share if share < 0.38 => {
            let system = dice.weighted(&[
                ("Windows NT 10.0; Win64; x64", 0.72),
                ("Macintosh; Intel Mac OS X 10_15_7", 0.22),
                ("X11; Linux x86_64", 0.06),
            ]);
            let edge = if dice.chance(0.15) { format!(" Edg/{version}.0.0.0") } else { "".into() };
            format!(
                "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/{version}.0.0.0 Safari/537.36{edge}"
            )
        }
        share if (0.67..0.93).contains(&share) => mobile(dice),
        share if share < 0.67 => format!(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{version}.0.0.0 Mobile Safari/537.36"
        ),
        _ => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 \
             Firefox/{version}.{minor}"
        ),
    }
}

/// The agent of a phone's own browser, or of a browser inside an app.
pub fn mobile(dice: &mut Dice) -> String {
    let major = dice.weighted(&[(17, 0.7), (16, 0.2), (15, 0.1)]);
    let minor = dice.whole(0, 5);
    let app = match dice.whole(0, 9) {
        0 => format!(" [FBAN/FBIOS;FBAV/{}.0.0.{}]", dice.whole(440, 470), dice.whole(20, 60)),
        1 => format!(" Instagram {}.0.0.{}", dice.whole(300, 335), dice.whole(10, 40)),
        _ => format!(" Version/{major}.{minor} Safari/604.1"),
    };
    format!(
        "Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) \
         AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148{app}"
    )
}

/// Agents as found in the lists that come with flooding tools: real once, mostly old.
pub const LISTED: &[&str] = &[
    "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:40.0) Gecko/20100101 Firefox/40.1",
    "Mozilla/5.0 (X11; U; Linux x86_64; en-US; rv:1.9.1.3) Gecko/20090913 Firefox/3.5.3",
    "Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.1.3) Gecko/20090824 Firefox/3.5.3",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.0; Trident/4.0; SLCC1)",
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; .NET CLR 1.1.4322)",
    "Opera/9.80 (Windows NT 5.2; U; ru) Presto/2.5.22 Version/10.51",
    "Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 Chrome/37.0.2049.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_1) AppleWebKit/537.36 Chrome/41.0.2227.1",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)",
];
