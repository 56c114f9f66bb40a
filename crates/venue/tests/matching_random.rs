//! The matching engine against a deliberately simple one: a million random messages in each mode,
//! over a hundred seeds, give the same events, order by order.

mod plain_matching;

use model::random::SeededRandom;
use model::{Lots, Side, Ticks};
use plain_matching::{Plain, Rule};
use tickforge_venue::matching::{
    Allocation, LeadMarketMaker, MarketPhase, MatchEvent, MatchingEngine, MatchingSettings,
    NewOrder, Participant, SelfTradePrevention, Validity,
};

const SEEDS: u64 = 100;
const MESSAGES: u32 = 10_000;

fn prevention(seed: u64) -> SelfTradePrevention {
    use SelfTradePrevention as S;
    [S::None, S::CancelNewest, S::CancelOldest, S::CancelBoth, S::DecrementAndCancel]
        [seed as usize % 5]
}

/// Both engines, fed with the same commands.
struct Both {
    fast: MatchingEngine,
    plain: Plain,
    events: Vec<MatchEvent>,
    random: SeededRandom,
    next_id: u64,
    traded: u64,
    steps: u32,
}

impl Both {
    fn new(seed: u64, allocation: Allocation, rule: Rule) -> Self {
        let (prevention, halt) = (prevention(seed), seed.is_multiple_of(2));
        let settings = MatchingSettings::new()
            .with_allocation(allocation)
            .unwrap()
            .with_self_trade_prevention(prevention)
            .with_orders_during_halt(halt);
        Self {
            fast: MatchingEngine::new(settings),
            plain: Plain::new(rule, prevention, halt),
            events: Vec::new(),
            random: SeededRandom::new(seed, "matching"),
            next_id: 1,
            traded: 0,
            steps: 0,
        }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.random.below(below)
    }

    fn check(&mut self, expected: &[MatchEvent], seed: u64) {
        assert_eq!(self.events, expected, "seed {seed}, message {}", self.steps);
        for event in &self.events {
            self.traded += u64::from(matches!(event, MatchEvent::Traded { .. }));
        }
        self.events.clear();
    }

    fn order(&mut self) -> NewOrder {
        // Now and then an id that may be in use.
        let id = if self.draw(50) == 0 {
            1 + self.draw(self.next_id)
        } else {
            self.next_id += 1;
            self.next_id
        };
        let participant = Participant(self.draw(5) as u32);
        let side = if self.draw(2) == 0 { Side::Buy } else { Side::Sell };
        let away = self.draw(14) as i64 - 3;
        let price = Ticks(1_000 - side.sign() * away);
        let quantity = Lots(self.draw(30) as i64 + i64::from(self.draw(200) != 0));
        let mut order = NewOrder::limit(id, participant, side, price, quantity);
        order.validity = match self.draw(12) {
            0 => Validity::Ioc,
            1 => Validity::Fok,
            2 => Validity::Day,
            3 => Validity::Auction,
            _ => Validity::Gtc,
        };
        match self.draw(12) {
            0 => order.limit = None,
            1 => order.post_only = true,
            2 | 3 => order.display = Lots(1 + self.draw(8) as i64),
            _ => {}
        }
        order
    }

    fn message(&mut self, auctions: bool, seed: u64) {
        self.steps += 1;
        let id = 1 + self.next_id.saturating_sub(self.draw(150));
        let who = Participant(self.draw(5) as u32);
        let owner = self
            .fast
            .orders(Side::Buy)
            .chain(self.fast.orders(Side::Sell))
            .find(|(order, _)| order.id == id)
            .map_or(who, |(_, owner)| owner);
        let who = if self.draw(10) == 0 { who } else { owner };
        let expected = match self.draw(100) {
            0..=54 => {
                let order = self.order();
                self.fast.submit(&order, &mut self.events);
                self.plain.submit(&order)
            }
            55..=79 => {
                self.fast.cancel(who, id, &mut self.events);
                self.plain.cancel(who, id)
            }
            80..=96 => {
                let quantity = Lots(self.draw(30) as i64);
                let price = Ticks(990 + self.draw(21) as i64);
                self.fast.modify(who, id, quantity, price, &mut self.events);
                self.plain.modify(who, id, quantity, price)
            }
            97 if self.draw(6) == 0 => {
                self.fast.mass_cancel(who, &mut self.events);
                self.plain.mass_cancel(who)
            }
            98 if auctions && self.fast.phase() == MarketPhase::Auction => {
                let reference = (self.draw(2) == 0).then(|| Ticks(995 + self.draw(10) as i64));
                self.fast.uncross(reference, &mut self.events);
                self.plain.uncross(reference)
            }
            98 if auctions => {
                self.fast.set_phase(MarketPhase::Auction, &mut self.events);
                self.plain.set_phase(MarketPhase::Auction)
            }
            99 if self.draw(4) == 0 => {
                let phase = match self.draw(6) {
                    0 => MarketPhase::Halted,
                    1 => MarketPhase::Closed,
                    _ => MarketPhase::Continuous,
                };
                self.fast.set_phase(phase, &mut self.events);
                self.plain.set_phase(phase)
            }
            _ => Vec::new(),
        };
        self.check(&expected, seed);
        if self.steps.is_multiple_of(100) {
            let shown: Vec<_> = [Side::Buy, Side::Sell]
                .into_iter()
                .flat_map(|side| self.fast.orders(side))
                .map(|(order, _)| (order.side, order.price.0, order.id, order.quantity.0))
                .collect();
            assert_eq!(shown, self.plain.shown(), "seed {seed}, message {}", self.steps);
        }
    }
}

fn run(auctions: bool, rules: &dyn Fn(u64) -> (Allocation, Rule)) {
    let mut traded = 0;
    for seed in 0..SEEDS {
        let (allocation, rule) = rules(seed);
        let mut both = Both::new(seed, allocation, rule);
        for _ in 0..MESSAGES {
            both.message(auctions, seed);
        }
        traded += both.traded;
    }
    println!("{} messages, {traded} trades", SEEDS * u64::from(MESSAGES));
    assert!(traded > 100_000, "{traded}");
}

#[test]
fn a_million_messages_match_alike_by_price_and_time() {
    run(false, &|_| (Allocation::PriceTime, Rule::Time));
}

#[test]
fn a_million_messages_match_alike_pro_rata() {
    run(false, &|seed| match seed % 4 {
        0 => (Allocation::ProRata { top: true, least: 2 }, Rule::ProRata { top: true, least: 2 }),
        1 => (Allocation::ProRata { top: false, least: 2 }, Rule::ProRata { top: false, least: 2 }),
        2 => (Allocation::ProRata { top: true, least: 1 }, Rule::ProRata { top: true, least: 1 }),
        _ => {
            let makers = [(1, 30), (3, 20)];
            let lead = |&(who, percent): &(u32, u8)| LeadMarketMaker {
                participant: Participant(who),
                percent,
            };
            let plain = makers.iter().map(|&(who, p)| (Participant(who), i64::from(p)));
            let top = seed % 8 == 3;
            (
                Allocation::LeadMarketMakers { top, makers: makers.iter().map(lead).collect() },
                Rule::Makers { top, makers: plain.collect() },
            )
        }
    });
}

#[test]
fn a_million_messages_match_alike_with_auctions() {
    run(true, &|_| (Allocation::PriceTime, Rule::Time));
}
