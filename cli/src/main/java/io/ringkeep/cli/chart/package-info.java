/// Draws lines over axes as SVG, in colours that are seen on light and dark ground.
///
/// Read [io.ringkeep.cli.chart.Chart] first.
@NullMarked
package io.ringkeep.cli.chart;

import org.jspecify.annotations.NullMarked;
