//! The fields of an error, for those who switch on its code.

use crate::error::{FeedError, Place};
use serde_json::{Map, Value, json};

impl FeedError {
    /// File, place, value at fault and what would be accepted, as far as the error has them: the
    /// keys `file`, `byte` or `row`, `accepted`, and those of the error's own fields.
    #[must_use]
    pub fn details(&self) -> Value {
        let mut fields = match self {
            Self::Io { file, action, source } => {
                json!({ "file": file, "action": action, "reason": source.to_string() })
            }
            Self::Empty { file, accepted } => json!({ "file": file, "accepted": accepted }),
            Self::Format { file, found, accepted } => {
                json!({ "file": file, "found": found, "accepted": accepted })
            }
            Self::Truncated { file, what, need, have, .. } => {
                json!({ "file": file, "what": what, "need": need, "have": have })
            }
            Self::CutShort { file, what, .. } => json!({ "file": file, "what": what }),
            Self::Corrupt { file, reason, .. } => json!({ "file": file, "reason": reason }),
            Self::Header { file, reason, found, accepted } => {
                json!({ "file": file, "reason": reason, "found": found, "accepted": accepted })
            }
            Self::Value { file, column, value, accepted, .. } => {
                json!({ "file": file, "field": column, "value": value, "accepted": accepted })
            }
            Self::OutOfOrder { file, what, symbol, back_ns, .. } => {
                json!({ "file": file, "what": what, "symbol": symbol, "backNanos": back_ns })
            }
            Self::Check { file, details, .. } => json!({ "file": file, "reason": details }),
            Self::Publishers { file, instrument_id, first, second, .. } => {
                json!({ "file": file, "instrumentId": instrument_id, "publishers": [first, second] })
            }
            Self::UnknownSymbol { file, symbol, available } => {
                json!({ "file": file, "symbol": symbol, "accepted": available })
            }
            Self::InstrumentTerms { symbol, reason, accepted } => {
                json!({ "symbol": symbol, "reason": reason, "accepted": accepted })
            }
            Self::Setting { option, value, accepted } => {
                json!({ "field": option, "value": value, "accepted": accepted })
            }
            Self::Stopped { what } => json!({ "what": what }),
            Self::Model { file, source, .. } => {
                json!({ "file": file, "reason": source.to_string() })
            }
        };
        if let Some(fields) = fields.as_object_mut() {
            add_place(fields, self.place());
        }
        fields
    }
}

fn add_place(fields: &mut Map<String, Value>, place: Place) {
    match place {
        Place::Byte(at) => fields.insert("byte".to_owned(), json!(at)),
        Place::Row(at) => fields.insert("row".to_owned(), json!(at)),
        Place::Whole => None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_name_file_place_value_and_what_is_accepted() {
        let value = FeedError::Value {
            file: "a.csv".to_owned(),
            at: Place::Row(3),
            column: "close".to_owned(),
            value: "x".to_owned(),
            accepted: "a number".to_owned(),
        };
        let expected = json!({
            "file": "a.csv", "row": 3, "field": "close", "value": "x", "accepted": "a number",
        });
        assert_eq!(value.details(), expected);
        assert_eq!(FeedError::corrupt("a.dbn", 7, "bad").details()["byte"], 7);
    }
}
