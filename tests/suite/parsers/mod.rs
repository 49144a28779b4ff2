//! The values of the domain: which texts they accept, and in which form they keep them.

mod custom_fields;
mod email;
mod international_email;
mod invisible;
mod phone;
mod quota;
mod token;
