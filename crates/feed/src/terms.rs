//! Where the terms of an instrument come from: configuration, data, table, plain file.

use crate::dbn::Definition;
use crate::error::FeedError;
use crate::instruments::Instruments;
use model::built_in_future;
use model::{Currency, FeeCurrency, Instrument, InstrumentKind, NANO, Origin, Price, Quantity};

/// What a configuration says about an instrument; what it leaves open is looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// Symbol as the data names it.
    pub symbol: String,
    /// Kind.
    pub kind: Option<InstrumentKind>,
    /// Tick size.
    pub tick_size: Option<Price>,
    /// Smallest quantity step.
    pub lot_size: Option<Quantity>,
    /// Money per price unit and quantity unit; of an inverse contract its value in the currency of
    /// the price.
    pub multiplier: Option<Price>,
    /// Whether it is an inverse contract.
    pub inverse: Option<bool>,
    /// What its fees are taken from.
    pub fee_currency: Option<FeeCurrency>,
    /// Currency of price and profit.
    pub currency: Option<Currency>,
    /// Venue.
    pub venue: Option<String>,
}

impl Terms {
    /// Nothing but a symbol.
    #[must_use]
    pub fn of(symbol: &str) -> Self {
        Self { symbol: symbol.to_owned(), ..Self::default() }
    }

    /// Whether the configuration says anything.
    fn says_something(&self) -> bool {
        *self != Self::of(&self.symbol)
    }
}

/// Where the terms of instruments are looked up, in this order: complete instruments and terms
/// of the configuration, definitions in the data, the built-in futures, and for plain price
/// files an equity without a price grid.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resolve<'a> {
    /// Complete instruments of the configuration.
    pub configured: &'a [Instrument],
    /// Instruments of the configuration of which something is left open.
    pub terms: &'a [Terms],
    /// Definitions found in the data.
    pub definitions: &'a [Definition],
    /// The currency of a plain price file that names no instrument; `None` for data of a venue
    /// (DBN), where nothing is assumed.
    pub plain: Option<Currency>,
}

impl Resolve<'_> {
    /// The instruments of these symbols, in this order.
    ///
    /// # Errors
    /// As [`Self::instrument`].
    pub fn all<S: AsRef<str>>(&self, symbols: &[S]) -> Result<Instruments, FeedError> {
        symbols.iter().map(|symbol| self.instrument(symbol.as_ref())).collect()
    }

    /// The instrument of a symbol.
    ///
    /// # Errors
    /// [`FeedError::InstrumentTerms`] when a term that trading needs is unknown or impossible,
    /// naming what to configure.
    pub fn instrument(&self, symbol: &str) -> Result<Instrument, FeedError> {
        if let Some(instrument) = self.configured.iter().find(|i| i.symbol == symbol) {
            return Ok(instrument.clone());
        }
        let mut draft = Draft::default();
        let configured = self.terms.iter().find(|t| t.symbol == symbol);
        if let Some(terms) = configured.filter(|terms| terms.says_something()) {
            draft.fill(terms, Origin::Configuration);
        }
        let definition = self.definitions.iter().find(|d| d.symbol == symbol);
        if let Some(definition) = definition {
            draft.fill(&terms_of(definition)?, Origin::Definition);
        }
        let may_be_future = draft.terms.kind.is_none_or(|kind| kind == InstrumentKind::Future);
        if let Some(future) = built_in_future(symbol).filter(|_| may_be_future) {
            draft.fill(&terms_of_built_in(&future), Origin::BuiltIn);
        }
        if let Some(currency) = self.plain {
            if draft.is_empty() {
                return Instrument::plain_equity(symbol, currency)
                    .map_err(|e| impossible(symbol, &e));
            }
            // A plain file whose configuration leaves something open: still an equity.
            draft.terms.kind.get_or_insert(InstrumentKind::Equity);
            draft.terms.currency.get_or_insert(currency);
        }
        draft.finish(symbol)
    }
}

/// Terms gathered from several places; the first place that says a term wins.
#[derive(Default)]
struct Draft {
    terms: Terms,
    origin: Option<Origin>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.origin.is_none()
    }

    fn fill(&mut self, from: &Terms, origin: Origin) {
        let terms = &mut self.terms;
        let before = terms.clone();
        terms.kind = terms.kind.or(from.kind);
        terms.tick_size = terms.tick_size.or(from.tick_size);
        terms.lot_size = terms.lot_size.or(from.lot_size);
        terms.multiplier = terms.multiplier.or(from.multiplier);
        terms.inverse = terms.inverse.or(from.inverse);
        terms.fee_currency = terms.fee_currency.or(from.fee_currency);
        terms.currency = terms.currency.or(from.currency);
        terms.venue = terms.venue.take().or_else(|| from.venue.clone());
        // Tick and multiplier decide results: who says them last is named as the origin.
        let decided = before.tick_size != terms.tick_size || before.multiplier != terms.multiplier;
        if decided || self.origin.is_none() {
            self.origin = Some(origin);
        }
    }

    fn finish(self, symbol: &str) -> Result<Instrument, FeedError> {
        let Self { terms, origin } = self;
        let missing = |what: &str, name: &str| FeedError::InstrumentTerms {
            symbol: symbol.to_owned(),
            reason: format!("its {what} is unknown"),
            accepted: format!(
                "say '{name}' in the configuration's instruments, add a file of definitions, or \
                 use a future of the built-in table"
            ),
        };
        let Some(kind) = terms.kind else {
            return Err(missing("kind", "kind"));
        };
        let contract = matches!(
            kind,
            InstrumentKind::Future | InstrumentKind::Perpetual | InstrumentKind::Option
        );
        let tick_size = match terms.tick_size {
            Some(tick_size) => tick_size,
            None if contract => return Err(missing("tick size", "tick_size")),
            None => Price(1),
        };
        let multiplier = match terms.multiplier {
            Some(multiplier) => multiplier,
            None if contract => return Err(missing("multiplier", "multiplier")),
            None => Price(NANO),
        };
        let Some(currency) = terms.currency else {
            return Err(missing("currency", "currency"));
        };
        let lot_size = terms.lot_size.unwrap_or(Quantity(NANO));
        let mut instrument =
            Instrument::new(symbol, kind, tick_size, lot_size, multiplier, currency)
                .map_err(|e| impossible(symbol, &e))?;
        if terms.inverse == Some(true) {
            instrument = instrument.into_inverse().map_err(|e| impossible(symbol, &e))?;
        }
        if let Some(fee_currency) = terms.fee_currency {
            instrument =
                instrument.with_fee_currency(fee_currency).map_err(|e| impossible(symbol, &e))?;
        }
        instrument.venue = terms.venue.unwrap_or_default();
        instrument.origin = origin.unwrap_or(Origin::Configuration);
        Ok(instrument)
    }
}

fn impossible(symbol: &str, error: &model::ModelError) -> FeedError {
    FeedError::InstrumentTerms {
        symbol: symbol.to_owned(),
        reason: error.to_string(),
        accepted: "a symbol of 1 to 71 bytes and terms above zero are needed".into(),
    }
}

fn terms_of_built_in(future: &Instrument) -> Terms {
    Terms {
        symbol: future.symbol.clone(),
        kind: Some(future.kind),
        tick_size: Some(future.grid.tick_size()),
        lot_size: Some(future.lot_size),
        multiplier: Some(future.multiplier),
        inverse: None,
        fee_currency: None,
        currency: Some(future.currency),
        venue: Some(future.venue.clone()),
    }
}

/// What a definition record says, `None` for each term that it leaves open.
fn terms_of(definition: &Definition) -> Result<Terms, FeedError> {
    let kind = match definition.class {
        b'F' | b'S' => InstrumentKind::Future,
        b'C' | b'P' | b'T' | b'M' => InstrumentKind::Option,
        b'K' | b'B' => InstrumentKind::Equity,
        b'X' | b'Y' => InstrumentKind::Spot,
        other => {
            return Err(FeedError::InstrumentTerms {
                symbol: definition.symbol.clone(),
                reason: format!("its definition is of class '{}'", char::from(other)),
                accepted: "shares, funds, bonds, futures, options, spreads and spot pairs can be \
                           traded; configure it as one of them to do so all the same"
                    .into(),
            });
        }
    };
    let tick_size = definition.tick_size;
    let known = |value: &i64| *value > 0 && *value != i64::MAX;
    Ok(Terms {
        symbol: definition.symbol.clone(),
        kind: Some(kind),
        tick_size: Some(tick_size).filter(|t| known(&t.0)),
        lot_size: None,
        multiplier: multiplier_of(definition, kind),
        inverse: None,
        fee_currency: None,
        currency: Currency::parse(&definition.currency).ok().or({
            // Shares of US venues come without a currency.
            (kind == InstrumentKind::Equity).then_some(Currency::USD)
        }),
        venue: Some(definition.exchange.clone()).filter(|venue| !venue.is_empty()),
    })
}

/// Money per price unit: from the value of a tick where the definition gives it (in the venue's
/// display units, as `tick_amount / display_factor / tick_size`), else the contract multiplier,
/// else the contract size in its unit of measure.
///
/// The value of a tick comes first because a contract size is no multiplier where the price is
/// not per unit: a ten-year note of 100,000 USD is quoted per 100, corn in cents per bushel.
fn multiplier_of(definition: &Definition, kind: InstrumentKind) -> Option<Price> {
    if matches!(kind, InstrumentKind::Equity | InstrumentKind::Spot) {
        return Some(Price(NANO));
    }
    let known = |value: i64| (value > 0 && value != i64::MAX).then_some(i128::from(value));
    let nano = i128::from(NANO);
    let of_tick = || {
        let amount = known(definition.tick_amount)?;
        let factor = known(definition.display_factor)?;
        let tick = known(definition.tick_size.0)?;
        let scaled = amount.checked_mul(nano)?.checked_mul(nano)?;
        let divisor = factor.checked_mul(tick)?;
        (scaled % divisor == 0).then(|| scaled / divisor)
    };
    let of_contract = || match definition.contract_multiplier {
        i32::MAX | ..=0 => None,
        count => Some(i128::from(count) * nano),
    };
    let value = of_tick().or_else(of_contract).or_else(|| known(definition.unit_of_measure_qty))?;
    i64::try_from(value).ok().map(Price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::InstrumentIndex;

    fn es(symbol: &str) -> Definition {
        Definition {
            publisher: 1,
            instrument_id: 7,
            ts_recv: 1,
            symbol: symbol.into(),
            tick_size: Price(250_000_000),
            tick_amount: 125_000_000,
            display_factor: 10_000_000,
            unit_of_measure_qty: 50 * NANO,
            unit_of_measure: "IPNT".into(),
            contract_multiplier: i32::MAX,
            min_lot_size: 0,
            currency: "USD".into(),
            exchange: "XCME".into(),
            asset: "ES".into(),
            class: b'F',
            expiration: u64::MAX,
            strike: Price::UNDEFINED,
            update_action: b'A',
        }
    }

    fn resolve(definitions: &[Definition]) -> Resolve<'_> {
        Resolve { definitions, ..Resolve::default() }
    }

    #[test]
    fn configuration_comes_before_definitions_and_they_before_the_table() {
        let definitions = [es("ESH4")];
        let found = resolve(&definitions).instrument("ESH4").unwrap();
        assert_eq!((found.origin, found.venue.as_str()), (Origin::Definition, "XCME"));
        assert_eq!(found.multiplier, Price(50 * NANO));
        let table = resolve(&[]).instrument("ESH4").unwrap();
        assert_eq!((table.origin, table.venue.as_str()), (Origin::BuiltIn, "CME"));
        let configured = [Instrument { multiplier: Price(NANO), ..table.clone() }];
        let all = Resolve { configured: &configured, ..resolve(&definitions) };
        assert_eq!(all.instrument("ESH4").unwrap().multiplier, Price(NANO));
        let terms = [Terms { tick_size: Some(Price(NANO)), ..Terms::of("ESH4") }];
        let mixed = Resolve { terms: &terms, ..resolve(&definitions) };
        let found = mixed.instrument("ESH4").unwrap();
        assert_eq!(found.grid.tick_size(), Price(NANO));
        assert_eq!((found.multiplier, found.origin), (Price(50 * NANO), Origin::Definition));
    }

    #[test]
    fn the_value_of_a_tick_decides_where_the_price_is_not_per_unit() {
        // A ten-year note: 100,000 USD quoted per 100, 1/64 is worth 15.625.
        let note = Definition {
            tick_size: Price(15_625_000),
            tick_amount: 15_625_000_000,
            display_factor: NANO,
            unit_of_measure_qty: 100_000 * NANO,
            ..es("ZNM4")
        };
        let found = resolve(&[note]).instrument("ZNM4").unwrap();
        assert_eq!(found.multiplier, Price(1000 * NANO));
        let oil = Definition {
            tick_amount: i64::MAX,
            unit_of_measure_qty: 1000 * NANO,
            ..es("BRN FMJ0024!")
        };
        let found = resolve(&[oil]).instrument("BRN FMJ0024!").unwrap();
        assert_eq!(found.multiplier, Price(1000 * NANO));
    }

    #[test]
    fn a_contract_without_tick_or_multiplier_is_an_error_that_names_it() {
        let no_tick = Definition { tick_size: Price::UNDEFINED, class: b'C', ..es("ES C5000") };
        let error = resolve(&[no_tick]).instrument("ES C5000").unwrap_err();
        assert_eq!(error.code(), "ERR_FEED_INSTRUMENT_TERMS");
        assert!(error.to_string().contains("'tick_size'"), "{error}");
        let no_size = Definition {
            tick_amount: i64::MAX,
            unit_of_measure_qty: i64::MAX,
            class: b'S',
            ..es("ESH5-ESM5")
        };
        let error = resolve(&[no_size]).instrument("ESH5-ESM5").unwrap_err();
        assert!(error.to_string().contains("'multiplier'"), "{error}");
        let error = resolve(&[]).instrument("NVDA").unwrap_err();
        assert!(error.to_string().contains("'kind'"), "{error}");
        let index = Definition { class: b'I', ..es("SPX") };
        assert!(resolve(&[index]).instrument("SPX").is_err());
    }

    #[test]
    fn a_plain_file_is_an_equity_and_a_share_has_no_grid() {
        let plain = Resolve { plain: Some(Currency::USD), ..Resolve::default() };
        let found = plain.instrument("GOOG").unwrap();
        assert_eq!((found.origin, found.grid.tick_size()), (Origin::PlainFile, Price(1)));
        let terms = [Terms { tick_size: Some(Price(10_000_000)), ..Terms::of("GOOG") }];
        let found = Resolve { terms: &terms, ..plain }.instrument("GOOG").unwrap();
        assert_eq!((found.origin, found.kind), (Origin::Configuration, InstrumentKind::Equity));
        let future = [Terms { kind: Some(InstrumentKind::Perpetual), ..Terms::of("BTC") }];
        assert!(Resolve { terms: &future, ..plain }.instrument("BTC").is_err());
        let share = Definition {
            tick_size: Price::UNDEFINED,
            class: b'K',
            currency: String::new(),
            ..es("NVDA")
        };
        let found = resolve(&[share]).instrument("NVDA").unwrap();
        assert_eq!((found.kind, found.multiplier), (InstrumentKind::Equity, Price(NANO)));
    }

    #[test]
    fn indices_follow_the_order_of_the_symbols() {
        let all = resolve(&[]).all(&["NQH4", "ESH4", "NQH4"]).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all.index("ESH4"), Some(InstrumentIndex(1)));
        assert_eq!(all.get(InstrumentIndex(0)).unwrap().symbol, "NQH4");
        assert!(all.index("X").is_none() && all.get(InstrumentIndex(2)).is_none());
    }
}
