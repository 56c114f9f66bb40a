//! Strategies in Rust: the same rows, times and commands as in TypeScript.

use crate::cash_events::CashChange;
use crate::command::{Amount, Command, SizeAt, Subscription};
use crate::error::EngineError;
use crate::row::{DepthRow, MarketRow, Row, RowKind, row_flags};
use crate::run::taker::{Taker, Then};
use crate::run::{Handed, Next, Run};
use crate::strategy_side::View;
use model::{
    Bar, Bbo, Fill, Instrument, InstrumentIndex, Leg, Lots, OrderId, OrderKind, OrderStatus, Price,
    Report, ReportKind, Side, StrategyIndex, Ticks, TimeInForce, UnixNanos,
};
use trading::{OrderSize, Target};
use venue::Change;

/// What a strategy may do: every handler has an empty default.
pub trait Strategy {
    /// The run begins; the market is known as far as a snapshot told it.
    fn on_start(&mut self, _context: &mut Context<'_>) {}
    /// A trade print of a declared instrument.
    fn on_trade(&mut self, _trade: &MarketRow, _context: &mut Context<'_>) {}
    /// The best bid or offer changed: price, size or count.
    fn on_quote(&mut self, _quote: &MarketRow, _context: &mut Context<'_>) {}
    /// The declared depth changed.
    fn on_depth(&mut self, _depth: &DepthRow, _row: &MarketRow, _context: &mut Context<'_>) {}
    /// A bar closed.
    fn on_bar(&mut self, _bar: &Bar, _context: &mut Context<'_>) {}
    /// A timer fired.
    fn on_timer(&mut self, _id: u32, _context: &mut Context<'_>) {}
    /// A report on an own order that is no fill.
    fn on_order(&mut self, _report: &Report, _context: &mut Context<'_>) {}
    /// An own order was filled.
    fn on_fill(&mut self, _fill: &Fill, _context: &mut Context<'_>) {}
    /// Cash moved that no fill brought: a dividend, funding, borrow.
    fn on_cash(&mut self, _change: &CashChange, _context: &mut Context<'_>) {}
    /// The run ends.
    fn on_stop(&mut self, _context: &mut Context<'_>) {}
}

/// What a handler sees and how it acts. Everything is as of the row that it is called with.
pub struct Context<'a> {
    run: &'a Run,
    strategy: StrategyIndex,
    /// The market row that the handler is called with.
    row: Option<&'a MarketRow>,
    /// Orders submitted by this handler.
    submitted: u64,
    commands: &'a mut Vec<Command>,
}

impl<'a> Context<'a> {
    /// The context of a strategy that stands at `row`, or at something else.
    #[inline(always)]
    fn at(
        run: &'a Run,
        strategy: StrategyIndex,
        row: Option<&'a MarketRow>,
        commands: &'a mut Vec<Command>,
    ) -> Self {
        Self { run, strategy, row, submitted: 0, commands }
    }

    /// The strategy's time.
    #[inline]
    #[must_use]
    pub fn now(&self) -> UnixNanos {
        UnixNanos(self.run.strategies()[self.strategy.index()].now)
    }

    /// The instruments of the run.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        self.run.instruments()
    }

    /// Best prices of an instrument as the strategy sees them now.
    #[inline]
    #[must_use]
    pub fn bbo(&self, instrument: InstrumentIndex) -> Bbo {
        match self.row {
            Some(row) if row.instrument == instrument => row.bbo,
            _ => self.view(instrument).bbo,
        }
    }

    /// What the strategy sees of an instrument.
    #[inline]
    #[must_use]
    pub fn view(&self, instrument: InstrumentIndex) -> &View {
        &self.run.strategies()[self.strategy.index()].view[instrument.index()]
    }

    /// The strategy's position in lots, short below zero.
    #[inline]
    #[must_use]
    pub fn position(&self, instrument: InstrumentIndex) -> Lots {
        self.run.strategies()[self.strategy.index()].account.position(instrument).quantity
    }

    /// What is held on one side of an instrument in a hedging account; else the position.
    #[must_use]
    pub fn leg(&self, instrument: InstrumentIndex, leg: Leg) -> Lots {
        self.run.strategies()[self.strategy.index()].account.leg(instrument, leg).quantity
    }

    /// Where an order stands; `None` when there never was one.
    #[must_use]
    pub fn status(&self, number: u64) -> Option<OrderStatus> {
        let orders = &self.run.strategies()[self.strategy.index()].orders;
        orders.status(OrderId::new(self.strategy, number))
    }

    /// Gives any command; an order's number comes from [`Self::next_number`].
    pub fn command(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// The number of the next order.
    pub fn next_number(&mut self) -> u64 {
        self.submitted += 1;
        self.run.strategies()[self.strategy.index()].orders_submitted + self.submitted
    }

    /// A limit order; returns its number.
    pub fn limit(
        &mut self,
        instrument: InstrumentIndex,
        side: Side,
        quantity: Lots,
        price: Ticks,
    ) -> u64 {
        let size = OrderSize::Quantity(quantity);
        self.submit(instrument, side, OrderKind::Limit(price), Amount::Order(size), SizeAt::Signal)
    }

    /// A market order; returns its number.
    pub fn market(&mut self, instrument: InstrumentIndex, side: Side, quantity: Lots) -> u64 {
        let size = OrderSize::Quantity(quantity);
        self.submit(instrument, side, OrderKind::Market, Amount::Order(size), SizeAt::Signal)
    }

    /// A market order to a target, sized at the fill; returns its number.
    pub fn target(&mut self, instrument: InstrumentIndex, target: Target) -> u64 {
        let amount = Amount::Target(target);
        self.submit(instrument, Side::Buy, OrderKind::Market, amount, SizeAt::Fill)
    }

    fn submit(
        &mut self,
        instrument: InstrumentIndex,
        side: Side,
        kind: OrderKind,
        amount: Amount,
        size_at: SizeAt,
    ) -> u64 {
        let number = self.next_number();
        self.commands.push(Command::Submit {
            number,
            instrument,
            side,
            kind,
            amount,
            size_at,
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            terms: None,
        });
        number
    }

    /// Changes an order's total quantity or limit.
    pub fn modify(&mut self, number: u64, quantity: Option<Lots>, price: Option<Ticks>) {
        let change = Change { total: quantity, price, trigger: None };
        self.commands.push(Command::Modify { number, change });
    }

    /// Cancels an order.
    pub fn cancel(&mut self, number: u64) {
        self.commands.push(Command::Cancel { number });
    }

    /// Fires `id` after `delay` ns, then every `every` ns (0: once).
    pub fn set_timer(&mut self, id: u32, delay: u64, every: u64) {
        let at = self.now().0.saturating_add(delay);
        self.commands.push(Command::SetTimer { id, at, every });
    }

    /// Switches a subscription.
    pub fn subscribe(&mut self, instrument: InstrumentIndex, what: Subscription, on: bool) {
        self.commands.push(Command::Subscribe { instrument, what, on });
    }

    /// Ends the run.
    pub fn stop(&mut self) {
        self.commands.push(Command::Stop);
    }

    /// The last price that the strategy saw.
    #[must_use]
    pub fn last(&self, instrument: InstrumentIndex) -> Price {
        self.view(instrument).last
    }
}

/// Runs strategies to the end, one row a step. `keep_going` is asked after every work budget and
/// at least every 65,536 rows; `false` ends the run early and keeps what was done.
///
/// # Errors
/// Whatever the data, the venue or the strategies say.
pub fn drive<S: Strategy + ?Sized>(
    run: &mut Run,
    strategies: &mut [Box<S>],
    keep_going: &mut dyn FnMut(f64) -> bool,
) -> Result<(), EngineError> {
    let mut hands = Hands { strategies, commands: Vec::with_capacity(64), rows: 0, left: None };
    loop {
        match run.run_rows(&mut hands)? {
            Handed::Next(Next::Finished) => return Ok(()),
            Handed::Next(Next::Working) => {
                if !keep_going(run.progress()) {
                    run.stop_now()?;
                }
            }
            Handed::Next(Next::Row(which)) => {
                hands.give(run, which)?;
                hands.look(run, keep_going)?;
            }
            Handed::Left => {
                hands.left.take().unwrap_or(Ok(()))?;
                hands.look(run, keep_going)?;
            }
        }
    }
}

/// Rows between two questions whether to go on.
const ROWS_BETWEEN_LOOKS: u32 = 65_536;

/// Hands rows to strategies, in place where the loop can.
struct Hands<'a, S: ?Sized> {
    strategies: &'a mut [Box<S>],
    commands: Vec<Command>,
    /// Rows since the last look.
    rows: u32,
    /// Why the loop was left, where it was.
    left: Option<Result<(), EngineError>>,
}

impl<S: Strategy + ?Sized> Hands<'_, S> {
    /// Hands over the row that came back from the loop, and takes the commands for it.
    fn give(&mut self, run: &mut Run, which: StrategyIndex) -> Result<(), EngineError> {
        let strategy = self.strategies.get_mut(which.index()).ok_or_else(too_few)?;
        let market = match run.row() {
            Row::Market(row) => Some(row),
            _ => None,
        };
        let mut context = Context::at(run, which, market, &mut self.commands);
        match run.row() {
            Row::Market(row) => hand_over(strategy.as_mut(), row, &mut context),
            Row::Report { report, .. } => match &report.kind {
                ReportKind::Filled(fill) => strategy.on_fill(fill, &mut context),
                _ => strategy.on_order(report, &mut context),
            },
            Row::Cash { change, .. } => strategy.on_cash(change, &mut context),
            Row::Timer { id, .. } => strategy.on_timer(*id, &mut context),
            Row::Start { .. } => strategy.on_start(&mut context),
            Row::Stop { .. } => strategy.on_stop(&mut context),
        }
        run.release_row();
        self.rows += 1;
        self.command(run, which)
    }

    fn command(&mut self, run: &mut Run, which: StrategyIndex) -> Result<(), EngineError> {
        self.commands.drain(..).try_for_each(|command| run.command(which, command))
    }

    fn look(
        &mut self,
        run: &mut Run,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(), EngineError> {
        if self.rows >= ROWS_BETWEEN_LOOKS {
            self.rows = 0;
            if !keep_going(run.progress()) {
                run.stop_now()?;
            }
        }
        Ok(())
    }
}

impl<S: Strategy + ?Sized> Taker for Hands<'_, S> {
    const TAKES: bool = true;

    #[inline(always)]
    fn take(&mut self, run: &mut Run) -> Then {
        let only = StrategyIndex(0);
        let Some(strategy) = self.strategies.first_mut() else {
            self.left = Some(Err(too_few()));
            return Then::Leave;
        };
        if let Some(row) = run.only_row() {
            let mut context = Context::at(run, only, Some(row), &mut self.commands);
            hand_over(strategy.as_mut(), row, &mut context);
        }
        run.finish_only_row();
        self.rows += 1;
        // A command may change what comes next.
        if self.commands.is_empty() && self.rows < ROWS_BETWEEN_LOOKS {
            return Then::GoOn;
        }
        self.left = Some(self.command(run, only));
        Then::Leave
    }

    #[inline(always)]
    fn has_left(&self) -> bool {
        self.left.is_some()
    }
}

#[cold]
fn too_few() -> EngineError {
    EngineError::Setup {
        field: "strategies",
        message: "a run needs as many strategies as it was set up with".to_owned(),
    }
}

/// Calls the handler of a market row.
#[inline(always)]
fn hand_over<S: Strategy + ?Sized>(strategy: &mut S, row: &MarketRow, context: &mut Context<'_>) {
    if row.flags & row_flags::WARM_UP != 0 {
        return;
    }
    match row.kind {
        RowKind::Trade => strategy.on_trade(row, context),
        RowKind::Quote => strategy.on_quote(row, context),
        RowKind::Depth => strategy.on_depth(context.run.depth(row.a), row, context),
        RowKind::Bar => strategy.on_bar(context.run.bar(row.a), context),
        _ => {}
    }
}
