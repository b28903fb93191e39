//! Finds the auditor's files according to the options of the command line.

use super::super::args::audit::{ProveArgs, PublicKeyArgs, SealArgs, VerifyArgs};
use super::super::context::Context;
use crate::audit::evidence::Evidence;

impl SealArgs {
    pub(super) fn evidence(&self, context: &Context) -> Evidence {
        Evidence::at(&context.settings.state_dir())
            .with_key(self.key.clone())
            .with_checkpoints(self.checkpoints.clone())
    }
}

impl PublicKeyArgs {
    pub(super) fn evidence(&self, context: &Context) -> Evidence {
        Evidence::at(&context.settings.state_dir()).with_public_key(self.public_key.clone())
    }
}

impl ProveArgs {
    pub(super) fn evidence(&self, context: &Context) -> Evidence {
        self.public.evidence(context).with_checkpoints(self.checkpoints.clone())
    }
}

impl VerifyArgs {
    pub(super) fn evidence(&self, context: &Context) -> Evidence {
        self.public.evidence(context).with_checkpoints(self.checkpoints.clone())
    }
}
