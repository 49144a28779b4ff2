//! The values of the domain: accepted texts and their normal forms.

mod custom_fields;
mod email;
mod international_email;
mod invisible;
mod phone;
mod quota;
mod token;
