//! What an administrator may have done.

use super::Raft;
use super::timing::Out;
use crate::{Admin, FailCode, Now};

impl Raft {
    pub(super) fn on_admin(&mut self, now: Now, admin: Admin, out: &mut Out<'_>) {
        let result = match admin {
            // The shell sets clocks.
            Admin::SetClock { .. } | Admin::SetRate { .. } => Err(FailCode::Unsupported),
            Admin::StepDown if !self.leads() => Err(FailCode::NotPrimary),
            Admin::StepDown => {
                self.step_down(now, self.term, None, out);
                Ok(())
            }
            Admin::Add { node } => self.add(now, node, out),
            Admin::Remove { node } => self.remove(now, node, out),
            Admin::Reset => self.reset(now, out),
            Admin::Transfer { to } => self.hand_over(now, to, out),
            Admin::Compact => {
                // Twice is not more: nothing was applied since.
                if self.applied > self.snapshot.place.index {
                    self.compact(out);
                }
                Ok(())
            }
        };
        out.administered(result);
    }
}
