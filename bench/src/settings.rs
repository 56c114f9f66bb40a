//! What the programs are told on the command line.

/// How large, how often, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Records of a generated stream.
    pub records: usize,
    /// Orders that rest in its book.
    pub live: usize,
    /// Runs of each contender.
    pub repeats: usize,
    /// Whether only JSON is printed.
    pub json: bool,
    /// The workload to be counted by `valgrind --tool=callgrind`, instead of a measurement.
    pub collect: Option<String>,
}

impl Settings {
    /// From the program's arguments; `records` where they do not say how many, `workloads` are
    /// those that can be collected.
    ///
    /// # Errors
    /// What is unknown or no number, and what would be accepted.
    pub fn from_arguments(records: usize, workloads: &[&str]) -> Result<Self, String> {
        Self::parse(std::env::args().skip(1), records, workloads)
    }

    fn parse(
        mut arguments: impl Iterator<Item = String>,
        records: usize,
        workloads: &[&str],
    ) -> Result<Self, String> {
        let mut settings = Self { records, live: 30_000, repeats: 7, json: false, collect: None };
        while let Some(argument) = arguments.next() {
            if argument == "--json" {
                settings.json = true;
                continue;
            }
            let text = arguments.next().unwrap_or_default();
            let number = text.replace('_', "").parse::<usize>().ok().filter(|&n| n > 0);
            let number =
                number.ok_or(format!("{argument} '{text}': a whole number above 0 is needed"));
            match argument.as_str() {
                "--records" => settings.records = number?,
                "--live" => settings.live = number?,
                "--repeats" => settings.repeats = number?,
                "--collect" if workloads.contains(&text.as_str()) => settings.collect = Some(text),
                "--collect" if !workloads.is_empty() => {
                    let accepted = workloads.join(" and ");
                    return Err(format!("--collect '{text}': accepted are {accepted}"));
                }
                _ => {
                    let collect = match workloads {
                        [] => String::new(),
                        some => format!(", --collect {}", some.join("|")),
                    };
                    return Err(format!(
                        "{argument} is unknown; accepted are --records N, --live N, --repeats N, \
                         --json{collect}"
                    ));
                }
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Settings, String> {
        Settings::parse(words.iter().map(|&word| word.to_owned()), 5, &["idle"])
    }

    #[test]
    fn arguments_are_taken_or_refused_with_what_is_accepted() {
        let settings = parse(&["--records", "1_000", "--json", "--collect", "idle"]).unwrap();
        assert_eq!((settings.records, settings.json), (1000, true));
        assert_eq!(settings.collect.as_deref(), Some("idle"));
        assert_eq!(parse(&[]).unwrap().records, 5);
        for (words, part) in [
            (&["--repeats", "0"][..], "above 0"),
            (&["--collect", "all"], "accepted are idle"),
            (&["--speed", "1"], "--collect idle"),
        ] {
            assert!(parse(words).unwrap_err().contains(part));
        }
    }
}
