//! A template, compiled: where in a record the wanted fields are.
//!
//! What it cannot tell: fields of enterprises; they are passed over by their length.
//!
//! References: RFC 7011 §3.4, RFC 3954 §5.2 and §6.1.

use crate::bytes;
use crate::export::Version;
use crate::fault::FaultKind;
use crate::netflow::element;
use crate::netflow::element::Slot;
use crate::record::Fields;

/// Fields of one template.
pub const FIELDS_MAX: usize = 512;
/// The length that says: each record has its own (RFC 7011 §7).
const VARIABLE: u16 = 65_535;

/// A wanted field and where it is in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it says.
    pub slot: Slot,
    /// Rank among the elements that say the same.
    rank: u8,
    /// Octets from the beginning of the record.
    pub offset: u16,
    /// Its octets.
    pub length: u16,
}

/// One field, wanted or not, of a template whose records vary in length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    wanted: Option<(Slot, u8)>,
    length: u16,
}

/// The wanted columns of a record, in the order of their slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    found: Vec<Column>,
}

impl Columns {
    /// The column of a slot.
    #[inline]
    pub fn get(&self, slot: Slot) -> Option<&Column> {
        self.found.iter().find(|column| column.slot == slot)
    }

    /// Whether there is a column of a slot.
    pub fn has(&self, slot: Slot) -> bool {
        self.get(slot).is_some()
    }

    /// All of them.
    #[inline]
    pub fn all(&self) -> &[Column] {
        &self.found
    }

    fn clear(&mut self) {
        self.found.clear();
    }

    /// Adds a column, unless a better one of its slot is there.
    fn add(&mut self, column: Column) {
        match self.found.binary_search_by_key(&column.slot, |known| known.slot) {
            Ok(place) if column.rank < self.found[place].rank => self.found[place] = column,
            Ok(_) => {}
            Err(place) => self.found.insert(place, column),
        }
    }
}

/// How the records of a template are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Octets of a record; the least, when records vary.
    record_octets: usize,
    /// All fields, if records vary in length.
    varying: Option<Vec<Field>>,
    columns: Columns,
    exported: Fields,
    is_options: bool,
}

impl Layout {
    /// Octets of a record; the least, when records vary.
    #[inline]
    pub fn record_octets(&self) -> usize {
        self.record_octets
    }

    /// Whether the records speak of the exporter and not of flows.
    #[inline]
    pub fn is_options(&self) -> bool {
        self.is_options
    }

    /// Whether a record says who sent to whom.
    pub fn is_flow(&self) -> bool {
        let told = [
            Slot::Source4,
            Slot::Target4,
            Slot::Source6,
            Slot::Target6,
            Slot::FrameSection,
            Slot::PacketSection,
        ];
        !self.is_options && told.into_iter().any(|slot| self.columns.has(slot))
    }

    /// Whether records must be read one by one.
    pub fn by_row(&self) -> bool {
        self.varying.is_some() || self.has_section()
    }

    /// Whether records hold the head of a packet.
    pub fn has_section(&self) -> bool {
        self.columns.has(Slot::FrameSection) || self.columns.has(Slot::PacketSection)
    }

    /// The columns of records that do not vary.
    #[inline]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Which fields of a flow the exporter sends.
    pub fn exported(&self) -> Fields {
        self.exported
    }

    /// Finds the columns of the first record of `rest`, and its length.
    ///
    /// Returns `None` when no whole record is there.
    pub fn measure(&self, rest: &[u8], columns: &mut Columns) -> Option<usize> {
        let Some(fields) = &self.varying else {
            columns.clone_from(&self.columns);
            return (rest.len() >= self.record_octets).then_some(self.record_octets);
        };
        columns.clear();
        let mut offset = 0usize;
        for field in fields {
            let length = match field.length {
                // RFC 7011 §7: one octet, or 255 and two more.
                VARIABLE => match bytes::u8(rest, offset)? {
                    255 => {
                        let length = bytes::u16(rest, offset + 1)?;
                        offset += 3;
                        length
                    }
                    length => {
                        offset += 1;
                        u16::from(length)
                    }
                },
                length => length,
            };
            if let (Some((slot, rank)), Ok(offset)) = (field.wanted, u16::try_from(offset)) {
                columns.add(Column { slot, rank, offset, length });
            }
            offset += usize::from(length);
            if offset > rest.len() {
                return None;
            }
        }
        (offset > 0).then_some(offset)
    }

    fn of_fields(fields: &[Field], is_options: bool) -> Result<Self, FaultKind> {
        let varies = fields.iter().any(|field| field.length == VARIABLE);
        let mut columns = Columns::default();
        let mut offset = 0usize;
        for field in fields {
            let length = if field.length == VARIABLE { 1 } else { field.length };
            if let (Some((slot, rank)), Ok(offset)) = (field.wanted, u16::try_from(offset))
                && fits(slot, field.length)
            {
                columns.add(Column { slot, rank, offset, length });
            }
            offset += usize::from(length);
        }
        // Records of no octets would be without number.
        if offset == 0 || offset > usize::from(u16::MAX) {
            return Err(FaultKind::BadTemplate);
        }
        let varying = varies.then(|| {
            fields
                .iter()
                .map(|field| Field {
                    wanted: field.wanted.filter(|(slot, _)| fits(*slot, field.length)),
                    ..*field
                })
                .collect()
        });
        let exported = exported(&columns);
        Ok(Self { record_octets: offset, varying, columns, exported, is_options })
    }
}

/// Whether a length is possible for what a slot holds. Others are passed over.
fn fits(slot: Slot, length: u16) -> bool {
    match slot {
        Slot::Source4 | Slot::Target4 => length == 4,
        Slot::Source6 | Slot::Target6 => length == 16,
        Slot::FirstNtp | Slot::LastNtp => length == 8,
        Slot::Probability => matches!(length, 4 | 8),
        Slot::FrameSection | Slot::PacketSection => length > 0,
        _ => (1..=8).contains(&length),
    }
}

fn exported(columns: &Columns) -> Fields {
    let table = [
        (Slot::Source4, Fields::SOURCE),
        (Slot::Source6, Fields::SOURCE),
        (Slot::Target4, Fields::TARGET),
        (Slot::Target6, Fields::TARGET),
        (Slot::SourcePort, Fields::PORTS),
        (Slot::TargetPort, Fields::PORTS),
        (Slot::Protocol, Fields::PROTOCOL),
        (Slot::TcpFlags, Fields::TCP_FLAGS),
        (Slot::Octets, Fields::OCTETS),
        (Slot::Packets, Fields::PACKETS),
        (Slot::IcmpTypeCode, Fields::ICMP),
        (Slot::IcmpType, Fields::ICMP),
        (Slot::Ttl, Fields::TTL),
        (Slot::SourceAs, Fields::SOURCE_AS),
        (Slot::TargetAs, Fields::TARGET_AS),
        (Slot::InInterface, Fields::IN_INTERFACE),
        (Slot::OutInterface, Fields::OUT_INTERFACE),
    ];
    let present = table.into_iter().filter(|(slot, _)| columns.has(*slot));
    present.fold(Fields::default(), |all, (_, field)| all.with(field))
}

/// What a set of templates says, one after the other.
#[derive(Debug)]
pub enum Said {
    /// A template.
    Template(u16, Layout),
    /// A template is withdrawn (RFC 7011 §8.1).
    Withdrawn(u16),
    /// All templates of this kind of set are withdrawn.
    AllWithdrawn,
    /// A template that describes no possible record.
    Bad(FaultKind),
}

/// Reads a set of templates of either version and kind.
pub fn read(version: Version, is_options: bool, body: &[u8], mut said: impl FnMut(Said)) {
    let mut rest = body;
    // What is shorter than a header is padding.
    while rest.len() >= 4 {
        let one = match (version, is_options) {
            (Version::Netflow9, true) => v9_options(rest),
            (_, true) => ipfix_options(rest),
            (version, false) => plain(version, rest),
        };
        match one {
            Ok((what, used)) => {
                said(what);
                rest = bytes::from(rest, used);
            }
            Err(kind) => {
                said(Said::Bad(kind));
                return;
            }
        }
    }
}

type One = Result<(Said, usize), FaultKind>;

const CUT: FaultKind = FaultKind::CutShort;

fn plain(version: Version, rest: &[u8]) -> One {
    let id = bytes::u16(rest, 0).ok_or(CUT)?;
    let count = usize::from(bytes::u16(rest, 2).ok_or(CUT)?);
    if id < 256 {
        // RFC 7011 §8.1: the id of a set of templates, and no field, withdraws all of them.
        return match (id, count) {
            (2, 0) if version == Version::Ipfix => Ok((Said::AllWithdrawn, 4)),
            // Padding to the end of the set.
            (0, 0) => Ok((Said::Withdrawn(0), rest.len())),
            _ => Err(FaultKind::BadTemplate),
        };
    }
    if count == 0 {
        return Ok((Said::Withdrawn(id), 4));
    }
    let (fields, used) = fields(version, &rest[4..], count)?;
    Ok((made(id, &fields, false), used + 4))
}

fn ipfix_options(rest: &[u8]) -> One {
    let id = bytes::u16(rest, 0).ok_or(CUT)?;
    let count = usize::from(bytes::u16(rest, 2).ok_or(CUT)?);
    if count == 0 {
        return match id {
            3 => Ok((Said::AllWithdrawn, 4)),
            0 => Ok((Said::Withdrawn(0), rest.len())),
            id => Ok((Said::Withdrawn(id), 4)),
        };
    }
    let scopes = usize::from(bytes::u16(rest, 4).ok_or(CUT)?);
    if id < 256 || scopes > count {
        return Err(FaultKind::BadTemplate);
    }
    let (fields, used) = fields(Version::Ipfix, bytes::from(rest, 6), count)?;
    Ok((made(id, &fields, true), used + 6))
}

fn v9_options(rest: &[u8]) -> One {
    let id = bytes::u16(rest, 0).ok_or(CUT)?;
    let scope_octets = usize::from(bytes::u16(rest, 2).ok_or(CUT)?);
    let Some(option_octets) = bytes::u16(rest, 4).map(usize::from) else {
        return Ok((Said::Withdrawn(0), rest.len()));
    };
    if id < 256 {
        let is_padding = id == 0 && scope_octets == 0;
        return if is_padding {
            Ok((Said::Withdrawn(0), rest.len()))
        } else {
            Err(FaultKind::BadTemplate)
        };
    }
    if scope_octets % 4 != 0 || option_octets % 4 != 0 {
        return Err(FaultKind::BadTemplate);
    }
    let (mut all, used) = fields(Version::Netflow9, &rest[6..], scope_octets / 4)?;
    for (place, field) in all.iter_mut().enumerate() {
        // RFC 3954 §6.1 numbers scopes on their own; 2 is an interface.
        let kind = bytes::u16(rest, 6 + place * 4);
        field.wanted = (kind == Some(2)).then_some((Slot::InInterface, 0));
    }
    let (options, more) =
        fields(Version::Netflow9, bytes::from(rest, 6 + used), option_octets / 4)?;
    all.extend(options);
    Ok((made(id, &all, true), 6 + used + more))
}

fn made(id: u16, fields: &[Field], is_options: bool) -> Said {
    match Layout::of_fields(fields, is_options) {
        Ok(layout) => Said::Template(id, layout),
        Err(kind) => Said::Bad(kind),
    }
}

/// Reads the specifiers of `count` fields.
fn fields(version: Version, rest: &[u8], count: usize) -> Result<(Vec<Field>, usize), FaultKind> {
    if count > FIELDS_MAX {
        return Err(FaultKind::BadTemplate);
    }
    let mut fields = Vec::with_capacity(count);
    let mut at = 0;
    for _ in 0..count {
        let element = bytes::u16(rest, at).ok_or(CUT)?;
        let length = bytes::u16(rest, at + 2).ok_or(CUT)?;
        at += 4;
        let mut enterprise = 0;
        if version == Version::Ipfix && element & 0x8000 != 0 {
            enterprise = bytes::u32(rest, at).ok_or(CUT)?;
            at += 4;
        }
        let element = if version == Version::Ipfix { element & 0x7fff } else { element };
        fields.push(Field { wanted: element::slot(enterprise, element), length });
    }
    Ok((fields, at))
}
