//! `order policy`: shows and sets the order policies of a site.

use super::args::order::PolicyArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::domain::{OrderPolicy, ReserveRule};

/// Shows all policies, or sets that of a kind.
pub(super) async fn run(context: &Context, args: PolicyArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    let policies = service.order_policies().await?;
    let PolicyArgs { kind, reserve, reserve_days, expire_days, clerks_decide } = args;
    let is_change =
        reserve.is_some() || reserve_days.is_some() || expire_days.is_some() || clerks_decide.is_some();
    let Some(known) = policies.iter().find(|policy| Some(policy.kind) == kind) else {
        if is_change {
            return Err(CliError::Usage("name the kind of order whose policy is to be changed".to_owned()));
        }
        return list(context, &policies);
    };
    if !is_change {
        return list(context, std::slice::from_ref(known));
    }
    let mut policy = known.clone();
    if let Some(reserve) = reserve {
        policy.reserve = reserve;
        if reserve != ReserveRule::BeforeDue {
            policy.reserve_days = None;
        }
    }
    policy.reserve_days = reserve_days.or(policy.reserve_days);
    if let Some(days) = expire_days {
        policy.expire_days = days.value().copied();
    }
    policy.clerks_decide = clerks_decide.unwrap_or(policy.clerks_decide);
    policy.validate().map_err(|error| CliError::Usage(error.to_string()))?;
    service.set_order_policy(&policy).await?;
    context.output.result(&policy, || words(&policy))?;
    Ok(Exit::Done)
}

fn list(context: &Context, policies: &[OrderPolicy]) -> Result<Exit, CliError> {
    let headers = ["kind", "reserve", "reservations expire after", "clerks decide"];
    context.output.list(policies, &headers, |policy| {
        let days = policy.reserve_days.map(|days| format!(" ({days} days)")).unwrap_or_default();
        vec![
            policy.kind.to_string(),
            format!("{}{days}", policy.reserve),
            policy.expire_days.map_or_else(String::new, |days| format!("{days} days")),
            if policy.clerks_decide { "yes" } else { "no" }.to_owned(),
        ]
    })?;
    Ok(Exit::Done)
}

fn words(policy: &OrderPolicy) -> String {
    let reserve = match (policy.reserve, policy.reserve_days.unwrap_or_default()) {
        (ReserveRule::Manual, _) => "stock is reserved by hand".to_owned(),
        (ReserveRule::AtConfirmation, _) => "stock is reserved at confirmation".to_owned(),
        (ReserveRule::BeforeDue, days) => format!("stock is reserved {days} days before the order is due"),
    };
    let expire = match policy.expire_days {
        None => "reservations do not expire".to_owned(),
        Some(days) => format!("reservations expire after {days} days"),
    };
    let who = if policy.clerks_decide { "clerks and admins decide" } else { "admins decide" };
    format!("{} orders: {reserve}, {expire}, {who}", policy.kind)
}
