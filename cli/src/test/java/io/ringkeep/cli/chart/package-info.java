/// Tests of the charts.
@NullMarked
package io.ringkeep.cli.chart;

import org.jspecify.annotations.NullMarked;
