//! The positions of the states of a small graph. `rust_sugiyama` computes them, layer by layer, with few crossings.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_edges;

/// The largest number of states that is drawn. With more, a reader cannot follow the lines.
const MAX_DRAWN: usize = 200;

/// A state's position: the distance to the right, and down.
pub type Place = [f64; 2];

/// The positions of this many states with these steps between them. `None` if there are too many states, or no step.
pub fn of(states: usize, edges: &[(usize, usize)]) -> Option<Vec<Place>> {
    if states > MAX_DRAWN || edges.is_empty() {
        return None;
    }
    let edges: Vec<(u32, u32)> = edges.iter().map(|&(from, to)| (from as u32, to as u32)).collect();
    let config = Config { vertex_spacing: 30.0, dummy_vertices: true, ..Config::default() };
    let (placed, ..) = from_edges(&edges, &config).into_iter().next()?;
    let mut places = vec![None; states];
    for (id, (x, y)) in placed {
        // Halves of a unit are precise enough for a screen, and are printed the same everywhere.
        places[id] = Some([(x * 2.0).round() / 2.0, (y * 2.0).round() / 2.0]);
    }
    places.into_iter().collect()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_place_of_its_own_below_those_that_lead_to_it() {
        let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)];
        let places = of(5, &edges).unwrap();
        assert!(edges.iter().all(|&(from, to)| places[from][1] < places[to][1]), "{places:?}");
        assert!(places.iter().enumerate().all(|(index, place)| !places[..index].contains(place)), "{places:?}");
        assert_eq!(of(5, &edges), of(5, &edges));
    }

    #[test]
    fn what_is_too_large_is_not_drawn() {
        let chain: Vec<(usize, usize)> = (0..MAX_DRAWN).map(|id| (id, id + 1)).collect();
        assert!(of(MAX_DRAWN + 1, &chain).is_none());
        assert!(of(MAX_DRAWN, &chain[..MAX_DRAWN - 1]).is_some());
    }
}
