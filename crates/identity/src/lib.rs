//! Accounts, factors, sign-in, sessions, consent, clients and grants: who may do what, with which proof.
