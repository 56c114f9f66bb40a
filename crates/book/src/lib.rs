//! Order books L1, L2 and L3: best price, depth, queue position.
