//! How large: targets and order sizes resolved to whole lots, toward zero.

use model::{Instrument, Lots, Money, Price, Reason, Side};

/// The position that a strategy wants to hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Target {
    /// This many lots, signed.
    Quantity(Lots),
    /// Lots worth this much, signed, in the account's currency.
    Value(Money),
    /// Lots worth this share of equity, signed, in percent (100 is all of it).
    Percent(f64),
    /// As many lots as lose `fraction` of equity when the price goes from here to `stop`; long
    /// when the stop lies below the price, short when above.
    Risk {
        /// Share of equity at risk (.01 is one percent).
        fraction: f64,
        /// Price at which the position would be closed.
        stop: Price,
    },
}

/// The size of one order whose side is given.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum OrderSize {
    /// This many lots.
    Quantity(Lots),
    /// As many lots as this amount buys.
    Cash(Money),
    /// As many lots as this share of equity buys, in percent.
    Percent(f64),
}

/// The state in which a size is resolved.
#[derive(Clone, Copy, Debug)]
pub struct SizingInput<'a> {
    /// The instrument: lot and multiplier.
    pub instrument: &'a Instrument,
    /// Price at which the order would execute (at the signal: the price to size by).
    pub price: Price,
    /// Equity with the instrument marked at `price`.
    pub equity: Money,
    /// Position, signed lots.
    pub position: Lots,
    /// Signed lots on their way (see [`crate::OrderManager::working_net`]); 0 at the fill.
    pub working: Lots,
    /// Whether what is opened must leave room for its own fee: `value + fee ≤ budget`. Right for
    /// what is paid in full; off, the fee comes on top.
    pub reserve_fees: bool,
}

/// The fee of trading so many lots at the input's price, in the account's currency.
pub type FeeOf<'f> = dyn FnMut(Side, Lots) -> Result<Money, Reason> + 'f;

/// Signed lots to trade to reach a target.
///
/// `Percent` and `Risk` of the opposite side are sized after the closing leg: the fee of closing
/// at this price leaves equity first. With `p` the price, `m` the multiplier and `l` the lot size,
/// `Percent(100)` holds ⌊equity/(p·m·l)⌋ lots.
///
/// # Errors
/// [`Reason::NothingToDo`] when the target is reached, [`Reason::ZeroSize`] when a target other
/// than zero rounds to no lot and there is nothing to close, [`Reason::Unsupported`] for a number
/// that is not finite, a price that is not above zero or a stop at the price, [`Reason::Overflow`],
/// and what `fee` says.
pub fn resolve_target(
    target: Target,
    input: &SizingInput<'_>,
    fee: &mut FeeOf<'_>,
) -> Result<i64, Reason> {
    let held = input.position.0.checked_add(input.working.0).ok_or(Reason::Overflow)?;
    let (wanted, asked) = match target {
        Target::Quantity(lots) => (lots.0, lots.0 != 0),
        Target::Value(value) => {
            let side = side_of(value.0 < 0);
            (budget_lots(input, side, value.0.abs(), held, fee)?, value.0 != 0)
        }
        Target::Percent(percent) => {
            if !percent.is_finite() {
                return Err(Reason::Unsupported);
            }
            let side = side_of(percent < 0.0);
            if percent == 0.0 {
                (0, false)
            } else {
                let equity = equity_after_closing(input, side, held, fee)?;
                let budget = share(equity, percent.abs() / 100.0)?;
                (budget_lots(input, side, budget, held, fee)?, true)
            }
        }
        Target::Risk { fraction, stop } => {
            let valid = fraction.is_finite() && fraction >= 0.0 && stop.is_defined();
            if !valid || stop == input.price || !input.price.is_defined() {
                return Err(Reason::Unsupported);
            }
            let side = side_of(stop > input.price);
            let equity = equity_after_closing(input, side, held, fee)?;
            let distance = i128::from(input.price.0) - i128::from(stop.0);
            let lots = lots_for(input.instrument, share(equity, fraction)?, distance.abs())?;
            (side.sign() * lots, fraction > 0.0)
        }
    };
    let delta = wanted.checked_sub(held).ok_or(Reason::Overflow)?;
    match delta {
        0 if wanted == 0 && asked => Err(Reason::ZeroSize),
        0 => Err(Reason::NothingToDo),
        _ => Ok(delta),
    }
}

/// Lots of one order, above zero.
///
/// # Errors
/// [`Reason::ZeroSize`] when nothing is left after rounding, and as [`resolve_target`].
pub fn resolve_order(
    side: Side,
    size: OrderSize,
    input: &SizingInput<'_>,
    fee: &mut FeeOf<'_>,
) -> Result<Lots, Reason> {
    let lots = match size {
        OrderSize::Quantity(lots) => lots.0,
        OrderSize::Cash(amount) => side.sign() * budget_lots(input, side, amount.0, 0, fee)?,
        OrderSize::Percent(percent) => {
            if !percent.is_finite() {
                return Err(Reason::Unsupported);
            }
            let budget = share(input.equity.0, percent / 100.0)?;
            side.sign() * budget_lots(input, side, budget, 0, fee)?
        }
    };
    if lots > 0 { Ok(Lots(lots)) } else { Err(Reason::ZeroSize) }
}

const fn side_of(short: bool) -> Side {
    if short { Side::Sell } else { Side::Buy }
}

/// Equity once a position against `side` has been closed at the price, its fee paid.
fn equity_after_closing(
    input: &SizingInput<'_>,
    side: Side,
    held: i64,
    fee: &mut FeeOf<'_>,
) -> Result<i128, Reason> {
    if held == 0 || held.signum() == side.sign() {
        return Ok(input.equity.0);
    }
    let closing = Lots(held.checked_abs().ok_or(Reason::Overflow)?);
    input.equity.0.checked_sub(fee(side, closing)?.0).ok_or(Reason::Overflow)
}

/// Signed lots that a budget holds on `side`, `held` of them already there; none for a budget
/// that is not above zero.
fn budget_lots(
    input: &SizingInput<'_>,
    side: Side,
    budget: i128,
    held: i64,
    fee: &mut FeeOf<'_>,
) -> Result<i64, Reason> {
    if input.price.0 <= 0 || !input.price.is_defined() {
        return Err(Reason::Unsupported);
    }
    let most = lots_for(input.instrument, budget, i128::from(input.price.0))?;
    let already = if held.signum() == side.sign() { held.saturating_abs() } else { 0 };
    if !input.reserve_fees || most <= already {
        return Ok(side.sign() * most);
    }
    let mut fits = |lots: i64| -> Result<bool, Reason> {
        let value = input.instrument.notional(input.price, Lots(lots));
        let value = value.map_err(|_| Reason::Overflow)?.0;
        let cost = fee(side, Lots(lots - already))?.0;
        Ok(value.checked_add(cost).ok_or(Reason::Overflow)? <= budget)
    };
    // Largest number that fits; value + fee grows with the number.
    let (mut low, mut high) = (already, most);
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle)? {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(side.sign() * low)
}

/// ⌊budget / (price · lot · multiplier)⌋, exactly; 0 for a budget that is not above zero. Of an
/// inverse contract ⌊budget · price / (lot · contract value)⌋.
fn lots_for(instrument: &Instrument, budget: i128, price: i128) -> Result<i64, Reason> {
    if budget <= 0 {
        return Ok(0);
    }
    if instrument.inverse {
        let contract = i128::from(instrument.lot_size.0) * i128::from(instrument.multiplier.0);
        let lots = budget.checked_mul(price).ok_or(Reason::Overflow)? / contract;
        return i64::try_from(lots).map_err(|_| Reason::Overflow);
    }
    let unit = price
        .checked_mul(i128::from(instrument.lot_size.0))
        .and_then(|v| v.checked_mul(i128::from(instrument.multiplier.0)))
        .ok_or(Reason::Overflow)?;
    // budget is in 1e-9, the unit in 1e-27.
    let scale = 1_000_000_000_000_000_000i128;
    let divisor = greatest_common_divisor(unit, scale);
    let lots = budget.checked_mul(scale / divisor).ok_or(Reason::Overflow)? / (unit / divisor);
    i64::try_from(lots).map_err(|_| Reason::Overflow)
}

/// `amount · fraction`, toward zero; the fraction is taken to the nearest 1e-11.
fn share(amount: i128, fraction: f64) -> Result<i128, Reason> {
    if fraction.abs() > 1e9 {
        return Err(Reason::Unsupported);
    }
    let scaled = (fraction * 1e11).round() as i128;
    amount.checked_mul(scaled).map(|v| v / 100_000_000_000).ok_or(Reason::Overflow)
}

fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
