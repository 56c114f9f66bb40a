//! No text, however broken, makes the CSV reader panic, hang or run on after an error.

use model::random::SeededRandom;
use model::{BarLabel, Timeframe};
use tickforge_feed::csv::{CsvSource, TableOptions};
use tickforge_feed::{Block, Instruments, Source};

const SEEDS: [&str; 7] = [
    "Date,Open,High,Low,Close,Adj Close,Volume\n2013-01-02,10,12,9,11,5.5,1000\n\
     2013-01-03,11,13,10,12,6,2000\n2013-01-04,12,14,11,13,6.5,3000\n",
    "Date;Time;Open;High;Low;Close\n2006-01-02;09:05:00;3578.73;3587.88;3578.73;3582.99\n\
     2006-01-02;09:10:00;3583.01;3588.40;3583.01;3588.03\n",
    "ts_event|ts_recv|bid|ask|bid_size|ask_size|symbol\n1700000000.25|1700000001|1|2|3|4|\"A\"\"B\"\n\
     1700000002|1700000003|1.5||3||C\n",
    "\"symbol\",\"side\",\"price\",\"amount\",\"timestamp\"\n\"BTC-USD\",\"sell\",25741.02,0.02188038,\
     \"2023-09-05T16:00:01.281719Z\"\n\"BTC-USD\",\"buy\",25741.03,1e-3,\"2023-09-05T16:00:01+05:30\"\n",
    "time\tbid_price_0\tbid_size_0\tbid_price_1\tbid_size_1\task_price_0\task_size_0\task_price_1\t\
     ask_size_1\n1700000000000\t9\t1\t8\t2\t10\t3\t11\t4\n",
    "open_time,close_time,timeframe,open,high,low,close,volume,symbol\n\
     2024-01-02T00:00:00Z,2024-01-02T00:01:00Z,1m,1,2,1,2,5,X\n",
    "20110103 090100;126.35;126.39;126.35;126.39;1579\n20110103 090200;126.4;126.4;126.4;126.4;3\n",
];

const WORDS: [&[u8]; 24] = [
    b",",
    b"\n",
    b"\r\n",
    b"\"",
    b"\"\"",
    b"-",
    b"NaN",
    b"inf",
    b"1e308",
    b"-1e-308",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"99999999999999999999999999999999999999999999",
    b"0",
    b"",
    b".",
    b"9223372036.854775807",
    b"9223372036854775807",
    b"2013-02-30",
    b"1969-12-31",
    b"9999-12-31",
    b"T",
    b"\t",
];

fn mutate(random: &mut SeededRandom, seed: &[u8]) -> Vec<u8> {
    let mut text = seed.to_vec();
    for _ in 0..1 + random.below(6) {
        let at = random.below(text.len() as u64 + 1) as usize;
        let length = random.below(12) as usize;
        let end = (at + length).min(text.len());
        match random.below(6) {
            0 if at < text.len() => text[at] ^= 1 << random.below(8),
            1 => drop(text.drain(at..end)),
            2 => {
                let word = WORDS[random.below(WORDS.len() as u64) as usize];
                text.splice(at..at, word.iter().copied());
            }
            3 => {
                let word = WORDS[random.below(WORDS.len() as u64) as usize];
                text.splice(at..end, word.iter().copied());
            }
            4 => {
                let piece = text[at..end].to_vec();
                let to = random.below(text.len() as u64 + 1) as usize;
                text.splice(to..to, piece);
            }
            _ => text.truncate(at.max(1)),
        }
    }
    text
}

#[test]
fn forty_thousand_broken_texts_are_read_or_refused() {
    let mut random = SeededRandom::new(1, "csv mutation");
    let (mut read, mut refused) = (0, 0);
    let none = Instruments::default();
    for k in 0..42_000u64 {
        let seed = SEEDS[(k % SEEDS.len() as u64) as usize];
        let text = mutate(&mut random, seed.as_bytes());
        let draw = random.next_u64();
        let options = TableOptions {
            timeframe: (draw & 1 != 0).then_some(Timeframe::DAY),
            label: (draw & 2 != 0).then_some(BarLabel::Session),
            adjusted: draw & 0x1C == 0,
            cumulative: draw & 0xE0 == 0,
            allow_impossible: draw & 0x100 != 0,
            header: (draw & 0xE00 == 0).then_some(true),
            time_zone: (draw & 0x1000 != 0).then(|| "America/New_York".to_owned()),
            ..TableOptions::default()
        };
        // Rows cannot be more than bytes: more batches would be a hang.
        let most = text.len() + 2;
        let outcome = CsvSource::from_bytes("m", text, &options, &none).and_then(|mut source| {
            let mut events = 0;
            for _ in 0..most {
                match source.next_block() {
                    Ok(Some(Block::Events(batch))) => events += batch.len(),
                    Ok(Some(Block::Mbo(_))) => panic!("CSV gives events"),
                    Ok(None) => return Ok(events),
                    Err(error) => {
                        assert!(matches!(source.next_block(), Ok(None)), "the end after an error");
                        return Err(error);
                    }
                }
            }
            panic!("no end after {most} batches");
        });
        match outcome {
            Ok(events) => {
                assert!(events <= most);
                read += 1;
            }
            Err(error) => {
                assert!(error.code().starts_with("ERR_FEED_") && !error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(read > 2_000 && refused > 10_000, "{read} read, {refused} refused");
}
