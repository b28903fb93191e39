//! The sample: ten days of December 2010, and a delivery on the morning after.

use std::fs;

use super::{CliError, Context, Demo};
use crate::domain::{
    LINES_MAX, Line, LocationCode, MovementKind, Posting, PostingId, ProductFilter, Quantity, Refusal,
};
use crate::import::{self, ImportError, MovementOptions, Profile, Source};
use crate::service::Service;

/// The file that says that the sample has been loaded.
const SAMPLE_MARK: &str = "sample-loaded";
/// When the delivery after the sample comes: the morning after its last day.
const DELIVERY_TIME: &str = "2010-12-11T08:00:00Z";
/// How the sample is laid out.
const SAMPLE_PROFILE: &str = "online-retail";
/// Where the goods of the sample stand.
pub(super) const SAMPLE_PLACE: &str = "MAIN";

/// Loads the sample, as the admin. A load that was cut short is carried on: the import posts nothing
/// twice, and the mark is set when all of it stands.
pub(super) async fn load(context: &Context, demo: &Demo, admin: &Service) -> Result<(), CliError> {
    let mark = demo.server.instance_dir().join(SAMPLE_MARK);
    if mark.exists() {
        return Ok(());
    }
    context.output.notice("posting the sample data: the first ten days of December 2010 of a real retailer");
    let profile = Profile::load(SAMPLE_PROFILE, None).map_err(ImportError::from)?;
    let options = MovementOptions {
        progress: !context.output.is_json(),
        ..MovementOptions::new(Source::Bytes(import::sample()), profile)
    };
    let report = import::movements(admin, &options).await?;
    context
        .output
        .notice(&format!("{} movements posted in {} postings", report.rows_posted, report.postings));
    deliver(admin).await?;
    fs::write(&mark, "")?;
    Ok(())
}

/// The sample opens with just what its sales need, so its last day ends with empty shelves. A delivery on
/// the next morning leaves something to look at. Its id is fixed, so that it arrives once.
async fn deliver(service: &Service) -> Result<(), CliError> {
    let to: LocationCode = SAMPLE_PLACE.parse().map_err(Refusal::from)?;
    let morning =
        DELIVERY_TIME.parse().map_err(|error| CliError::Usage(format!("{DELIVERY_TIME}: {error}")))?;
    let products = service.store().products(&ProductFilter::default()).await?;
    let mut lines = Vec::with_capacity(products.len());
    for row in products.into_iter().take(LINES_MAX) {
        let product = row.product;
        // One to eight dozen, by the code, so that every demo shows the same.
        let dozens = 1 + product.sku.bytes().map(u32::from).sum::<u32>() % 8;
        lines.push(Line {
            sku: product.sku,
            quantity: Quantity::new((12 * dozens).into()).map_err(Refusal::from)?,
            from: None,
            to: Some(to.clone()),
            lot: None,
            expires: None,
            unit_price: None,
            reverses: None,
            order_line: None,
        });
    }
    let posting = Posting {
        id: PostingId::at(morning, [0; 10]),
        kind: MovementKind::Receipt,
        reference: Some("DELIVERY".parse().map_err(Refusal::from)?),
        reason: None,
        partner: None,
        lines,
    };
    service.post(&posting).await?;
    Ok(())
}
