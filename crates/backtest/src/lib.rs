//! From a configuration to a finished result.
