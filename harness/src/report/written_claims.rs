//! Claims that others wrote down, and what became of them: a table for people, an object for machines.

use rashomon_checker::visible;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::{Headline, Page, Paint, Screen, count, percent, thousands, to_copy};
use crate::audit::{ClaimEvidence, ClaimFate, JudgedClaim, SideShare};
use crate::campaign::wilson;
use crate::exit::Exit;

/// Claims, and what became of them.
pub(crate) struct ToldClaims<'a> {
    /// The name of their file.
    pub(crate) file: String,
    /// What they were held against.
    pub(crate) of: String,
    /// What they are claims of.
    pub(crate) system: &'a str,
    /// Each of them.
    pub(crate) judged: &'a [JudgedClaim],
    /// Whether the user ended it early.
    pub(crate) is_interrupted: bool,
}

impl ToldClaims<'_> {
    /// A claim that is broken is a violation; one that is not decided, or that nothing tested, is unknown.
    pub(crate) fn exit(&self) -> Exit {
        let of_one = |claim: &JudgedClaim| match claim.fate {
            ClaimFate::Broken => Exit::Violation,
            ClaimFate::Held => Exit::Valid,
            ClaimFate::Undecided | ClaimFate::Untested => Exit::Unknown,
        };
        let exit = self.judged.iter().map(of_one).fold(Exit::Valid, Exit::and);
        if self.is_interrupted { exit.and(Exit::Interrupted) } else { exit }
    }

    fn with(&self, fate: ClaimFate) -> u64 {
        self.judged.iter().filter(|it| it.fate == fate).count() as u64
    }
}

fn word(fate: ClaimFate) -> (&'static str, Paint) {
    match fate {
        ClaimFate::Held => ("HELD", Paint::Green),
        ClaimFate::Broken => ("BROKEN", Paint::Red),
        ClaimFate::Undecided => ("UNDECIDED", Paint::Yellow),
        ClaimFate::Untested => ("UNTESTED", Paint::Yellow),
    }
}

fn evidence(of: &ClaimEvidence) -> String {
    match of {
        ClaimEvidence::Reason(why) => why.clone(),
        ClaimEvidence::History(operations, None) => {
            format!("nothing found in {}", count(*operations, "operation"))
        }
        ClaimEvidence::History(operations, Some(why)) => {
            format!("{why}, in {}", count(*operations, "operation"))
        }
        ClaimEvidence::Runs { decided, broken, unknown, why } => {
            let undecided = match unknown {
                0 => String::new(),
                unknown => format!(", {} undecided", thousands(*unknown)),
            };
            match (why, wilson(*broken, *decided)) {
                (Some(why), _) => {
                    let (broken, decided) = (thousands(*broken), count(*decided, "run"));
                    format!("{broken} of {decided}{undecided}: {why}")
                }
                (None, Some([_, most])) => {
                    let decided = count(*decided, "run");
                    format!("{decided}, at most {:.1} % break it{undecided}", most * 100.0)
                }
                (None, None) => format!("no run{undecided}"),
            }
        }
        ClaimEvidence::TooFew { runs, unknown, why } => {
            format!("{} of {} undecided: {why}", thousands(*unknown), count(*runs, "run"))
        }
        ClaimEvidence::Sides(shares) => shares.iter().map(share).collect::<Vec<_>>().join(", "),
    }
}

/// `100.0 % of 3,000 done on the larger side (n3 alone)`.
fn share(SideShare { cut, side, served }: &SideShare) -> String {
    let cut = cut.map_or_else(String::new, |cut| format!(" ({cut})"));
    let (done, asked) = (percent(served.ok, served.asked), thousands(served.asked));
    format!("{done} of {asked} done on the {side} side{cut}")
}

/// The report for a terminal.
pub(crate) fn written_claims_page(told: &ToldClaims<'_>, screen: Screen) -> Page {
    let mut page = Page::default();
    let claims = count(told.judged.len() as u64, "claim");
    let head = format!("audit  {}  →  {}: {claims}, {}\n\n", told.file, told.system, told.of);
    page.push_str(&screen.glyphs.fit(&visible(head.trim_end())));
    page.push_str("\n\n");
    let width = told.judged.iter().map(|it| visible(&it.claim.name).chars().count()).max();
    let width = width.unwrap_or(0);
    for JudgedClaim { claim, fate, evidence: rests_on, again } in told.judged {
        let (word, paint) = word(*fate);
        page.push_str(&format!(" {:width$}  ", visible(&claim.name)));
        page.paint(paint, &format!("{word:<9}"));
        let source = claim.source.as_ref().map_or_else(String::new, |it| format!(" ({it})"));
        let objects = if claim.promise.is_of_objects() {
            format!(", {}", claim.objects.name())
        } else {
            String::new()
        };
        let text = format!("{}{objects}{source}", claim.promise);
        page.push_str(&screen.glyphs.fit(&format!("  {}\n", visible(&text))));
        page.push_str(&screen.glyphs.fit(&format!("   {}\n", visible(&evidence(rests_on)))));
        if let Some(again) = again {
            to_copy(&mut page, "again", again);
        }
    }
    page.push_str("\n HELD means that nothing was found against it, not that there is nothing.\n");
    let why = format!(
        "{} held, {} broken, {} undecided, {} untested",
        told.with(ClaimFate::Held),
        told.with(ClaimFate::Broken),
        told.with(ClaimFate::Undecided),
        told.with(ClaimFate::Untested)
    );
    Headline::of(told.exit()).repeat(&mut page, screen, &why);
    page
}

/// What a report of written claims says first.
const HEADER: Header = Header { format: "rashomon-claims-audit", version: 1 };

/// The same, for machines.
#[derive(Serialize)]
pub(crate) struct WrittenClaimsReport<'a> {
    verdict: &'static str,
    exit: u8,
    system: &'a str,
    file: &'a str,
    subject: &'a str,
    interrupted: bool,
    written: Vec<ReportedWritten<'a>>,
}

#[derive(Serialize)]
struct ReportedWritten<'a> {
    name: &'a str,
    promise: String,
    objects: &'static str,
    key_prefix: Option<&'a str>,
    under: Vec<&'static str>,
    source: Option<&'a str>,
    fate: &'static str,
    basis: String,
    again: Option<&'a str>,
}

/// Everything.
pub(crate) fn written_claims_report<'a>(
    told: &'a ToldClaims<'_>,
) -> Stamped<WrittenClaimsReport<'a>> {
    let exit = told.exit();
    let written = told.judged.iter().map(|judged| ReportedWritten {
        name: &judged.claim.name,
        promise: judged.claim.promise.to_string(),
        objects: judged.claim.objects.name(),
        key_prefix: judged.claim.keys.as_deref(),
        under: judged.claim.under.iter().map(|kind| kind.name()).collect(),
        source: judged.claim.source.as_deref(),
        fate: match judged.fate {
            ClaimFate::Held => "held",
            ClaimFate::Broken => "broken",
            ClaimFate::Undecided => "undecided",
            ClaimFate::Untested => "untested",
        },
        basis: evidence(&judged.evidence),
        again: judged.again.as_deref(),
    });
    HEADER.on(WrittenClaimsReport {
        verdict: exit.word(),
        exit: exit.number(),
        system: told.system,
        file: &told.file,
        subject: &told.of,
        interrupted: told.is_interrupted,
        written: written.collect(),
    })
}
