//! Judges each state by the claims. A claim gets a complete state of the model, whether it is a standard claim or a
//! user's own.

use num_bigint::BigUint;

use super::bucket::Segment;
use super::key::Layout;
use super::knowledge::Knowledge;
use super::limbs::Limb;
use super::names::Looks;
use super::parts::{Parts, Unlearned};
use super::tables::CURRENT;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::explore::contract::Violation;
use crate::explore::orbits::Asymmetric;
use crate::model::World;
use crate::model::guard::guard;

/// A set of claims, one bit each.
pub type Claims = u128;

/// How many claims are judged at once.
pub const MOST_CLAIMS: usize = Claims::BITS as usize;

/// Which premises hold in a state, and which claims are broken in it. A claim that asks for a state counts as broken if
/// this is such a state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    pub applies: Claims,
    pub broken: Claims,
}

/// Judges one state after another.
pub struct Judge<'a, C> {
    claims: &'a [Claim<C>],
    /// Whether all claims are standard ones, which do not read the inboxes.
    is_standard: bool,
    in_every_state: bool,
    world: World<C>,
    /// The parts of the previous state, and its result.
    parts: Vec<u32>,
    said: Option<(bool, Said)>,
}

/// The claims in a set.
pub fn each(mut claims: Claims) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let claim = (claims != 0).then(|| claims.trailing_zeros() as usize)?;
        claims &= claims - 1;
        Some(claim)
    })
}

impl<'a, C: Controller> Judge<'a, C> {
    /// Judges these claims.
    pub fn new(claims: &'a [Claim<C>], start: World<C>) -> Self {
        Self {
            claims,
            is_standard: claims.iter().all(Claim::is_standard),
            in_every_state: claims.iter().any(|claim| claim.scope != Scope::AtEnd),
            world: start,
            parts: Vec::new(),
            said: None,
        }
    }

    /// The claims that are judged at the ends.
    pub fn at_ends(&self) -> Claims {
        let at_end = |(index, claim): (usize, &Claim<C>)| Claims::from(claim.scope == Scope::AtEnd) << index;
        self.claims.iter().enumerate().map(at_end).sum()
    }

    /// Judges the state with these parts.
    ///
    /// # Errors
    /// If a claim panics or does not treat tasks alike, or if cloning the controller panics.
    pub fn judge(&mut self, parts: &mut Parts<'_, C>, ids: &[u32], at_end: bool) -> Result<Said, Unlearned> {
        if !at_end && !self.in_every_state {
            return Ok(Said::default());
        }
        let seen = CURRENT + parts.tables.shape.groups;
        if let Some((end, said)) = self.said.filter(|_| self.is_standard)
            && end == at_end
            && self.parts[..seen] == ids[..seen]
        {
            return Ok(said);
        }
        Unlearned::guard(|| {
            parts.put_together(ids, &self.parts, &mut self.world);
            Ok(())
        })?;
        self.parts.clear();
        self.parts.extend(ids);
        let said = self.ask(parts, at_end)?;
        self.said = Some((at_end, said));
        Ok(said)
    }

    fn ask(&self, parts: &mut Parts<'_, C>, at_end: bool) -> Result<Said, Unlearned> {
        let mut said = Said::default();
        let judged = |claim: &Claim<C>| at_end || claim.scope != Scope::AtEnd;
        for (index, claim) in self.claims.iter().enumerate().filter(|(_, claim)| judged(claim)) {
            let (model, symmetry) = (parts.model, parts.symmetry.as_mut().filter(|_| !claim.is_symmetric()));
            let answers = guard(|| {
                symmetry.map_or(Ok(()), |symmetry| symmetry.check_claim(model, &self.world, claim))?;
                let applies = claim.applies(model, &self.world);
                Ok((applies, applies && (claim.scope == Scope::Reachable || !claim.holds(model, &self.world))))
            });
            let answers = answers.map_err(|panic| Violation::Claim { id: claim.id.to_string(), panic })?;
            let (applies, broken) = answers.map_err(|Asymmetric| Unlearned::Asymmetric)?;
            said.applies |= Claims::from(applies) << index;
            said.broken |= Claims::from(broken) << index;
        }
        Ok(said)
    }
}

/// Judges the states of a segment, which have this layout and potential. Adds to `premise_held`, for each claim, how
/// many of them meet its premise. Returns how many states there are, and those that break claims. Both numbers count
/// all states of an orbit.
///
/// # Errors
/// If a claim panics or does not treat tasks alike, or if cloning the controller panics.
pub fn judge_states<const N: usize, L: Limb>(
    known: &mut dyn Knowledge,
    (layout, potential): (&Layout, u32),
    segment: &Segment<N, L>,
    degrees: &[u32],
    premise_held: &mut [BigUint],
) -> Result<(u128, Vec<(u32, Claims)>), Unlearned> {
    let (mut ids, mut looks, mut broken) = (vec![0; known.tables().width()], Looks::default(), Vec::new());
    let (mut states, mut held) = (0, (0, 0));
    // Neighbouring states mostly meet the same premises, so their numbers are added together.
    let mut count = |(applies, states): (Claims, u128)| each(applies).for_each(|claim| premise_held[claim] += states);
    for (at, &key) in segment.keys.iter().enumerate() {
        layout.unpack(key, &mut ids);
        debug_assert_eq!(known.tables().potential(&ids), potential, "every step lowers it as the formula says");
        let orbit = known.names().map_or(1, |names| names.orbit(known.tables(), &ids, &mut looks));
        states += orbit;
        let said = known.judge(&ids, degrees[at] == 0).map_err(|why| why.at(&ids, None))?;
        if said.applies != held.0 {
            count(std::mem::replace(&mut held, (said.applies, 0)));
        }
        held.1 += orbit;
        if said.broken != 0 {
            broken.push((at as u32, said.broken));
        }
    }
    count(held);
    Ok((states, broken))
}
