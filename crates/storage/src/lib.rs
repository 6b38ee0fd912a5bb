//! A durable, ordered map of bytes that commits atomically, and records above it.
