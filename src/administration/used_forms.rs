//! What a form of the console did before.

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::FormId;

impl Administration {
    /// What this form made or changed when its sender sent it before, such as `key:<client id>`;
    /// `None` if it was not used.
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
