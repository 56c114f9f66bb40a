//! Instrument definitions, symbol mappings, statistics and imbalances as the file states them.

use super::layout::{Record, rtype};
use dbn::{v1, v2, v3};
use model::Price;
use std::mem::offset_of;

/// The offset of a definition's field in a version.
macro_rules! at {
    ($version:expr, $field:ident) => {
        match $version {
            1 => offset_of!(v1::InstrumentDefMsg, $field),
            2 => offset_of!(v2::InstrumentDefMsg, $field),
            _ => offset_of!(v3::InstrumentDefMsg, $field),
        }
    };
}

/// What a definition record says about an instrument (the fields that trading needs).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Publisher (dataset and venue).
    pub publisher: u16,
    /// The venue's numeric id.
    pub instrument_id: u32,
    /// When it was received, in ns.
    pub ts_recv: u64,
    /// Symbol.
    pub symbol: String,
    /// Smallest price step; [`Price::UNDEFINED`] where it varies or is unknown.
    pub tick_size: Price,
    /// Money value of the smallest price step times `display_factor` in 1e-9; 0 or `i64::MAX`
    /// where unknown.
    pub tick_amount: i64,
    /// Factor from the venue's display price to the conventional one in 1e-9.
    pub display_factor: i64,
    /// Contract size in its unit of measure in 1e-9; `i64::MAX` where unknown.
    pub unit_of_measure_qty: i64,
    /// Unit of measure (`IPNT`, `BBL`, …).
    pub unit_of_measure: String,
    /// Number of deliverables per contract; `i32::MAX` where unknown.
    pub contract_multiplier: i32,
    /// Smallest lot; `i32::MAX` where unknown.
    pub min_lot_size: i32,
    /// Currency of the price.
    pub currency: String,
    /// Exchange (ISO 10383).
    pub exchange: String,
    /// Product root.
    pub asset: String,
    /// Class letter: `F`uture, `C`all, `P`ut, stoc`K`, future `S`pread, option spread `T`,
    /// `M`ixed spread, `B`ond, `I`ndex, fx spot `X`, commodit`Y` spot.
    pub class: u8,
    /// Last eligible trade time in ns; `u64::MAX` where none.
    pub expiration: u64,
    /// Strike price of an option.
    pub strike: Price,
    /// `A`dded, `M`odified or `D`eleted.
    pub update_action: u8,
}

/// The definition in a record of this version.
pub(crate) fn definition(record: Record<'_>, version: u8) -> Definition {
    let symbol_room = if version == 1 { v1::SYMBOL_CSTR_LEN } else { v3::SYMBOL_CSTR_LEN };
    let asset_room = if version < 3 { v1::ASSET_CSTR_LEN } else { v3::ASSET_CSTR_LEN };
    Definition {
        publisher: record.publisher(),
        instrument_id: record.instrument_id(),
        ts_recv: record.ts_recv(),
        symbol: record.text(at!(version, raw_symbol), symbol_room),
        tick_size: Price(record.i64(at!(version, min_price_increment))),
        tick_amount: record.i64(at!(version, min_price_increment_amount)),
        display_factor: record.i64(at!(version, display_factor)),
        unit_of_measure_qty: record.i64(at!(version, unit_of_measure_qty)),
        unit_of_measure: record.text(at!(version, unit_of_measure), 31),
        contract_multiplier: record.i32(at!(version, contract_multiplier)),
        min_lot_size: record.i32(at!(version, min_lot_size)),
        currency: record.text(at!(version, currency), 4),
        exchange: record.text(at!(version, exchange), 5),
        asset: record.text(at!(version, asset), asset_room),
        class: record.u8(at!(version, instrument_class)),
        expiration: record.u64(at!(version, expiration)),
        strike: Price(record.i64(at!(version, strike_price))),
        update_action: record.u8(at!(version, security_update_action)),
    }
}

/// The input and output symbols of a symbol-mapping record.
pub(crate) fn mapping(record: Record<'_>, version: u8) -> (String, String) {
    if version == 1 {
        let room = v1::SYMBOL_CSTR_LEN;
        (
            record.text(offset_of!(v1::SymbolMappingMsg, stype_in_symbol), room),
            record.text(offset_of!(v1::SymbolMappingMsg, stype_out_symbol), room),
        )
    } else {
        let room = v3::SYMBOL_CSTR_LEN;
        (
            record.text(offset_of!(v3::SymbolMappingMsg, stype_in_symbol), room),
            record.text(offset_of!(v3::SymbolMappingMsg, stype_out_symbol), room),
        )
    }
}

/// A statistic of the venue (opening price, settlement, open interest, …).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statistic {
    /// The venue's numeric id.
    pub instrument_id: u32,
    /// Exchange time in ns.
    pub ts_event: u64,
    /// Receive time in ns.
    pub ts_recv: u64,
    /// Time that the value refers to in ns; `u64::MAX` where none.
    pub ts_ref: u64,
    /// Price; undefined where the statistic is no price.
    pub price: Price,
    /// Quantity; `i64::MAX` where the statistic is none.
    pub quantity: i64,
    /// Kind: 1 opening price, 2 indicative opening, 3 settlement, 4 low, 5 high, 6 cleared
    /// volume, 7 lowest offer, 8 highest bid, 9 open interest, 10 fixing, 11 close, …
    pub kind: u16,
}

/// The statistic in a record of this version.
pub(crate) fn statistic(record: Record<'_>, version: u8) -> Statistic {
    // Versions 1 and 2 hold the quantity in 32 bits.
    let (quantity, kind) = if version < 3 {
        let quantity = record.i32(offset_of!(v1::StatMsg, quantity));
        let wide = if quantity == i32::MAX { i64::MAX } else { i64::from(quantity) };
        (wide, record.u16(offset_of!(v1::StatMsg, stat_type)))
    } else {
        let quantity = record.i64(offset_of!(v3::StatMsg, quantity));
        (quantity, record.u16(offset_of!(v3::StatMsg, stat_type)))
    };
    Statistic {
        instrument_id: record.instrument_id(),
        ts_event: record.ts_event(),
        ts_recv: record.ts_recv(),
        ts_ref: record.u64(offset_of!(v3::StatMsg, ts_ref)),
        price: Price(record.i64(offset_of!(v3::StatMsg, price))),
        quantity,
        kind,
    }
}

/// An imbalance of an auction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Imbalance {
    /// The venue's numeric id.
    pub instrument_id: u32,
    /// Exchange time in ns.
    pub ts_event: u64,
    /// Receive time in ns.
    pub ts_recv: u64,
    /// Reference price.
    pub ref_price: Price,
    /// Shares that would trade.
    pub paired_quantity: u32,
    /// Shares that would not.
    pub imbalance_quantity: u32,
    /// Side of the imbalance: `B`, `A` or `N`.
    pub side: u8,
}

/// The imbalance in a record.
pub(crate) fn imbalance(record: Record<'_>) -> Imbalance {
    debug_assert_eq!(record.kind(), rtype::IMBALANCE);
    Imbalance {
        instrument_id: record.instrument_id(),
        ts_event: record.ts_event(),
        ts_recv: record.ts_recv(),
        ref_price: Price(record.i64(offset_of!(v3::ImbalanceMsg, ref_price))),
        paired_quantity: record.u32(offset_of!(v3::ImbalanceMsg, paired_qty)),
        imbalance_quantity: record.u32(offset_of!(v3::ImbalanceMsg, total_imbalance_qty)),
        side: record.u8(offset_of!(v3::ImbalanceMsg, side)),
    }
}

const _: () = {
    assert!(offset_of!(v1::StatMsg, ts_ref) == offset_of!(v3::StatMsg, ts_ref));
    assert!(offset_of!(v1::StatMsg, price) == offset_of!(v3::StatMsg, price));
    assert!(v2::SYMBOL_CSTR_LEN == v3::SYMBOL_CSTR_LEN);
    assert!(v2::ASSET_CSTR_LEN == v1::ASSET_CSTR_LEN);
};
