//! What people at this machine ask for through the control socket.

use cellwatch_core::door::{AccountStep, Asked, OperatorAction};
use cellwatch_core::evaluate::{Request as AlarmRequest, Role};
use cellwatch_record::Person;

use super::{Account, Change, Loop, People};
use crate::control::{Answer, Listed, Request, Step};

impl From<&Account> for Listed {
    fn from(account: &Account) -> Self {
        Self {
            name: account.name.clone(),
            role: account.role.word().to_owned(),
            must_change: account.must_change,
            disabled: account.disabled,
            system_account: account.system_account.clone(),
        }
    }
}

/// Answers what a system account asks for: its name and uid, as the kernel says them.
pub async fn at_the_socket(
    people: &People,
    to: &Loop,
    (by, uid): (String, u32),
    request: Request,
) -> Answer {
    match request {
        Request::Acknowledge { unit, alarm, comment } => {
            let what = Asked::OfAlarm { unit, alarm, request: AlarmRequest::Acknowledge };
            person_asks(people, to, by, what, comment).await
        }
        Request::SilenceHorn { annunciator, comment } => {
            person_asks(people, to, by, Asked::SilenceHorn { annunciator }, comment).await
        }
        Request::TestAnnunciators {} => {
            person_asks(people, to, by, Asked::TestAnnunciators, String::new()).await
        }
        Request::TestRoute { route } => {
            person_asks(people, to, by, Asked::TestRoute { route }, String::new()).await
        }
        Request::ListPeople {} => match people.list().await {
            Ok(all) => Answer::People(all.iter().map(Listed::from).collect()),
            Err(why) => Answer::Error(why),
        },
        Request::ChangePeople { step, name, role, system_account, password, by: given, reason } => {
            let step = match step {
                Step::Add => AccountStep::Add,
                Step::Disable => AccountStep::Disable,
                Step::Reset => AccountStep::Reset,
            };
            let role = match role.as_deref().map(|word| (word, of_a_person(word))) {
                Some((word, None)) => return Answer::Error(no_role(word)),
                Some((_, role)) => role,
                None => None,
            };
            let at = (by, uid);
            let change =
                Change { step, name, role, system_account, password, by: given, at, reason };
            match people.change(to, change).await {
                Ok(changed) => Answer::Changed {
                    seq: changed.seq,
                    account: Listed::from(&changed.account),
                    one_time_password: changed.one_time_password,
                },
                Err(why) => Answer::Error(why),
            }
        }
        Request::Status {} | Request::TrustCertificate { .. } => {
            Answer::Error("only the loop knows".to_owned())
        }
    }
}

/// What the person of a system account asks for.
async fn person_asks(
    people: &People,
    to: &Loop,
    by: String,
    what: Asked,
    comment: String,
) -> Answer {
    let (person, why_not) = match people.at_the_machine(&by).await {
        Ok(person) => (person, None),
        // On record as what it is: nobody's.
        Err(why) => (Person { name: by, role: "none".to_owned() }, Some(why)),
    };
    // The kernel says who this is, for this very request.
    let action = OperatorAction { person, what, comment, confirmed: true.into() };
    match (to.act(action).await, why_not) {
        (Answer::Recorded { seq, by, .. }, Some(why)) => {
            Answer::Recorded { seq, by, refusal: Some(why) }
        }
        (answer, _) => answer,
    }
}

fn of_a_person(word: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.word() == word)
}

fn no_role(word: &str) -> String {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    format!("{word:?} is no role of a person: {}", roles.join(", "))
}
