//! Seeded synthetic markets.
