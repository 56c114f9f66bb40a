//! The trace of an order in any kind of market, and what a market shows at a moment.

use crate::desk::{Desk, distance};
use crate::market::Market;
use crate::own::OwnOrder;
use crate::trace::{Ahead, Cause, Entry, Step, Trace};
use book::Level;
use model::{Lots, MarketEvent, OrderId, Price, Report, Side, Ticks, UnixNanos};

impl Market {
    /// Writes down from now on what one order meets here. The market does the same as without.
    pub fn set_trace(&mut self, order: OrderId) {
        let trace = Some(Box::new(Trace::new(order)));
        match self {
            Self::L3(market) => market.set_trace(trace),
            _ => self.desk_mut().trace = trace,
        }
    }

    /// What was written down.
    #[inline]
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.desk().trace.as_deref()
    }

    const fn desk(&self) -> &Desk {
        match self {
            Self::L3(market) => market.desk(),
            Self::Depth(market) => market.desk(),
            Self::Quote(market) => &market.blotter.desk,
            Self::Bar(market) => &market.blotter.desk,
        }
    }

    const fn desk_mut(&mut self) -> &mut Desk {
        match self {
            Self::L3(market) => market.desk_mut(),
            Self::Depth(market) => market.desk_mut(),
            Self::Quote(market) => &mut market.blotter.desk,
            Self::Bar(market) => &mut market.blotter.desk,
        }
    }

    /// What stands ahead of a resting own order at its price: exact in an L3 market, estimated in a
    /// book of levels, none where there is no queue.
    #[must_use]
    pub fn ahead(&self, order: OrderId) -> Option<Ahead> {
        match self {
            Self::L3(market) => {
                let ahead = market.queue_ahead(order)?;
                Some(Ahead { lots: ahead.quantity.0 as f64, orders: Some(ahead.orders) })
            }
            Self::Depth(market) => {
                let own = market.own_order(order).filter(|own| own.limit.is_some())?;
                Some(Ahead { lots: own.front.lots, orders: None })
            }
            Self::Quote(_) | Self::Bar(_) => None,
        }
    }

    /// The best levels of a side, at most so many. A bar market shows its last close, without size.
    #[must_use]
    pub fn levels(&self, side: Side, most: usize) -> Vec<Level> {
        match self {
            Self::L3(market) => market.book().levels(side).take(most).collect(),
            Self::Depth(market) => market.book().levels(side).take(most).collect(),
            Self::Quote(_) | Self::Bar(_) => {
                let bbo = self.bbo();
                let (price, quantity, count) = match side {
                    Side::Buy => (bbo.bid, bbo.bid_size, bbo.bid_count),
                    Side::Sell => (bbo.ask, bbo.ask_size, bbo.ask_count),
                };
                let level = Level { price, quantity, count };
                if price.is_some() && most > 0 { vec![level] } else { Vec::new() }
            }
        }
    }

    /// Writes that a command on the traced order has arrived.
    pub fn trace_arrival(&mut self, order: OrderId, cause: Cause, at: UnixNanos, asks: Asks) {
        let (bbo, grid) = (self.bbo(), self.desk().instrument.grid);
        let Some(trace) = self.desk_mut().trace.as_deref_mut() else { return };
        if trace.order() == order {
            trace.write(Entry {
                cause: Some(cause),
                price: asks.price.filter(|price| price.is_some()).map(|price| grid.price(price)),
                quantity: asks.quantity,
                trigger: asks.trigger.filter(|price| price.is_defined()),
                ..Entry::at(at, Step::Arrived, bbo)
            });
        }
    }

    /// Writes what the venue reported on the traced order.
    pub fn trace_report(&mut self, report: &Report) {
        let bbo = self.bbo();
        let Some(trace) = self.desk_mut().trace.as_deref_mut() else { return };
        if trace.order() == report.order {
            trace.report(report.ts_event, report.kind, bbo);
        }
    }

    /// Writes where the traced order stands, if a command has changed that.
    pub fn trace_place(&mut self, at: UnixNanos) {
        self.place(at, Cause::Modified, None);
    }

    /// Writes what an event that is not market by order has meant to the traced order: what came to
    /// its limit, and where it stands now. `before` is the order before the event.
    pub fn trace_event(&mut self, event: &MarketEvent, before: Option<OwnOrder>) {
        let Some(own) = before else { return };
        let at = event.ts_event();
        if let Some((step, price, quantity)) = self.reaching(event, &own) {
            let entry = Entry {
                cause: matches!(event, MarketEvent::Bar(_)).then_some(Cause::FarEnd),
                price: Some(price),
                quantity: Some(quantity),
                ..Entry::at(at, step, self.bbo())
            };
            if let Some(trace) = self.desk_mut().trace.as_deref_mut() {
                trace.write(entry);
            }
        }
        let traded = matches!(event, MarketEvent::Trade(_));
        let level = matches!(self, Self::Depth(_)).then(|| own.limit).flatten();
        let shown = level.map(|price| self.shown_at(own.side, price));
        self.place(at, if traded { Cause::Traded } else { Cause::Resized }, shown);
    }

    /// What of an event comes to an own limit or beyond it: a trade, the far end of a bar, the best
    /// price of the other side. Price and lots.
    fn reaching(&self, event: &MarketEvent, own: &OwnOrder) -> Option<(Step, Price, Lots)> {
        let terms = &self.desk().instrument;
        let limit = own.limit.map(|limit| terms.grid.price(limit))?;
        let lot = i128::from(terms.lot_size.0);
        let lots = |quantity: i128| Lots(i64::try_from(quantity / lot).unwrap_or(i64::MAX));
        let found = match event {
            MarketEvent::Trade(trade) if trade.aggressor != Some(own.side) => {
                (Step::Trade, trade.price, lots(i128::from(trade.quantity.0)))
            }
            MarketEvent::Bar(bar) => {
                let extreme = if own.side == Side::Buy { bar.low } else { bar.high };
                (Step::Trade, extreme, lots(bar.volume))
            }
            MarketEvent::Quote(_) | MarketEvent::Depth(_) | MarketEvent::Level(_) => {
                let best = self.levels(own.side.opposite(), 1);
                let level = best.first()?;
                (Step::Crossing, terms.grid.price(level.price), level.quantity)
            }
            MarketEvent::Trade(_) | MarketEvent::Status(_) => return None,
        };
        (distance(own.side, limit, found.1) >= 0).then_some(found)
    }

    fn shown_at(&self, side: Side, price: Ticks) -> Lots {
        match self {
            Self::Depth(market) => market.book().level(side, price).quantity,
            _ => Lots::ZERO,
        }
    }

    fn place(&mut self, at: UnixNanos, cause: Cause, quantity: Option<Lots>) {
        let Some(order) = self.trace().map(Trace::order) else { return };
        let (ahead, bbo) = (self.ahead(order), self.bbo());
        if let Some(trace) = self.desk_mut().trace.as_deref_mut() {
            let entry = Entry::at(at, Step::Queue, bbo);
            trace.place(ahead, Entry { cause: Some(cause), quantity, ..entry });
        }
    }
}

/// What a command asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asks {
    /// A limit.
    pub price: Option<Ticks>,
    /// A total quantity.
    pub quantity: Option<Lots>,
    /// A trigger price.
    pub trigger: Option<Price>,
}
