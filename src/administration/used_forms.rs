//! Used forms of the console.

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::FormId;

impl Administration {
    /// What this form created or changed when it was sent before, for example `key:<client id>`. `None` if
    /// it was not used.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_used_form(
        &self,
        principal: &AdminPrincipal,
        form: FormId,
    ) -> Result<Option<String>, AdministrationError> {
        let Some(admin) = principal.admin() else {
            return Ok(None);
        };
        Ok(self.store.find_used_form(admin, form).await?)
    }
}
