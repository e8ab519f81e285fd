//! Seccomp and AppArmor profiles.
