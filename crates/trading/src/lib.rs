//! Order management, risk checks, accounts and position sizing.
