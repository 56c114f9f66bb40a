//! Columns of price files: recognised by name or mapped.
