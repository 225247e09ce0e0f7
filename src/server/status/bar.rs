//! Bars, drawn as SVG. The numbers stand beside them in words, so they are hidden from screen readers.

/// Lag against its objective: full at the objective, which a mark shows; what is beyond it has another colour and lies
/// behind the mark, so that it is seen without colour too.
pub(super) fn lag(share: f64) -> String {
    let scale = share.max(1.0);
    let within = 100.0 * share.min(1.0) / scale;
    let over = 100.0 * (share - 1.0).max(0.0) / scale;
    let mark = (100.0 / scale).clamp(0.5, 99.5);
    draw(&format!(
        "<rect class=\"fill\" y=\"2\" width=\"{within:.2}\" height=\"6\"/>\
         <rect class=\"over\" x=\"{within:.2}\" y=\"2\" width=\"{over:.2}\" height=\"6\"/>\
         <rect class=\"mark\" x=\"{:.2}\" width=\"1\" height=\"10\"/>",
        mark - 0.5
    ))
}

/// Progress of a job, 0 to 1.
pub(super) fn progress(share: f64) -> String {
    draw(&format!(
        "<rect class=\"fill\" y=\"2\" width=\"{:.2}\" height=\"6\"/>",
        100.0 * share.clamp(0.0, 1.0)
    ))
}

fn draw(parts: &str) -> String {
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"track\" y=\"2\" width=\"100\" height=\"6\"/>{parts}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_objective_the_mark_moves_left_and_the_rest_is_over() {
        let double = lag(2.0);
        assert!(double.contains("class=\"fill\" y=\"2\" width=\"50.00\""), "{double}");
        assert!(
            double.contains("class=\"over\" x=\"50.00\" y=\"2\" width=\"50.00\""),
            "{double}"
        );
        let half = lag(0.5);
        assert!(half.contains("class=\"fill\" y=\"2\" width=\"50.00\""), "{half}");
        assert!(
            half.contains("width=\"0.00\"") && half.contains("x=\"99.00\""),
            "{half}"
        );
    }
}
