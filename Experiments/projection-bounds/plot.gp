# Errors and bounds over layers, as layers are added, past the premise, and the counter-example. Bars
# are 95 % intervals, 1.96 standard errors of the blocks of draws. Legends stand between the curves.
bounds = ARG1 . "bounds.csv"
worst = ARG1 . "worst.csv"
dictionaries = ARG1 . "dictionaries.csv"
set output ARG2 . "." . ARG3
set datafile missing NaN
stats bounds using "depth" nooutput
depth = int(STATS_max)
deepest = sprintf("kasami-%d", depth)
set multiplot layout 2,2 margins 0.085,0.985,0.125,0.875 spacing 0.095,0.175 \
  title "P's bounds on ‖γ_i − γ̂_i‖^2 and measured errors, in units of the noise energy E_0^2" font ",17"
layered(m, n) = (stringcolumn("family") eq deepest && stringcolumn("theorem") eq m && stringcolumn("noise") eq n ? column("layer") : NaN)
added(m, n) = (stringcolumn("family") eq sprintf("kasami-%d", int(column("depth"))) && stringcolumn("theorem") eq m && stringcolumn("noise") eq n && column("layer") == 1 ? column("depth") : NaN)
last(m) = (stringcolumn("family") eq sprintf("kasami-%d", int(column("depth"))) && stringcolumn("theorem") eq m && stringcolumn("noise") eq "white" && column("layer") == column("depth") ? column("depth") : NaN)
set logscale y
set format y "10^{%T}"
set xtics 1
set xrange [0.7:depth + 0.3]
set yrange [2e-4:2e3]
set key at graph 0.5,0.4 center center maxrows 3 font ",11" spacing 0.92 width -1
set title sprintf("Layers of a model with L = %d (premise holds)", depth)
set xlabel "layer i"
set ylabel "squared error / E_0^2"
plot bounds using (layered("layered", "white")):"bound" with linespoints lt 2 dt 2 pt 5 title "bound (5)", \
  bounds using (layered("projection", "white")):"bound" with linespoints lt 1 dt 2 pt 7 title "bound (7)", \
  worst using (stringcolumn("family") eq deepest && column("stripe_norm") == 2**(depth - column("layer")) ? column("layer") : NaN):"error_over_noise_squared" with points lt 7 pt 2 ps 1.5 title "worst noise", \
  bounds using (layered("projection", "within span")):"error_largest" with linespoints lt 3 title "in span, largest", \
  bounds using (layered("layered", "white")):"error_over_noise_squared":(1.96*column("standard_error")) with yerrorlines lt 2 title "white, layered", \
  bounds using (layered("projection", "white")):"error_over_noise_squared":(1.96*column("standard_error")) with yerrorlines lt 1 title "white, projection"
set title "As layers are added (premise holds)"
set key at graph 0.5,0.46 center center maxrows 2 spacing 1.1 width -1
set xlabel "number of layers L"
plot bounds using (last("layered")):"bound" with linespoints lt 2 dt 2 pt 5 title "bound (5) on γ_L", \
  bounds using (last("projection")):"bound" with linespoints lt 1 dt 2 pt 7 title "bound (7) on γ_L", \
  bounds using (added("layered", "white")):"error_over_noise_squared":(1.96*column("standard_error")) with yerrorlines lt 2 title "γ_1, white, layered", \
  bounds using (added("projection", "white")):"error_over_noise_squared":(1.96*column("standard_error")) with yerrorlines lt 1 title "γ_1, white, projection"
set title "Past the premise: line, layer 1"
set xlabel "stripe norm of γ_1"
set xrange [0.5:6.5]
set yrange [1e-3:1e2]
set key at graph 0.5,0.4 center center maxrows 3 width -1
stripes = ARG1 . "stripes.csv"
near(n) = (stringcolumn("family") eq "line" && column("layer") == 1 && stringcolumn("theorem") eq "projection" && stringcolumn("noise") eq n ? column("stripe_norm") : NaN)
hard(unused) = (stringcolumn("family") eq "line" && column("layer") == 1 ? column("stripe_norm") : NaN)
plot worst using (hard(0)):"bound" with linespoints lt 1 dt 2 pt 7 title "bound (7)", \
  worst using (hard(0)):"error_over_noise_squared" with linespoints lt 7 pt 2 title "worst noise", \
  stripes using (near("within span")):"error_largest" with linespoints lt 3 title "in span, largest", \
  stripes using (near("white")):"error_over_noise_squared":(1.96*column("standard_error")) with yerrorlines lt 5 title "white, mean", \
  dictionaries using (stringcolumn("family") eq "line" && column("layer") == 1 ? column("limit") : NaN):(1e-3):(0):(60.0) with vectors nohead lt 8 dt 3 title "edge of premise"
unset logscale y
set format y "%g"
set title "Short effective atoms: D_1 = [1 .6; 0 .8]"
set xlabel "angle of D_2, a rotation (degrees)"
set xrange [0:45]
set xtics 15
set yrange [0:15]
set key at graph 0.02,0.04 left bottom maxrows 4 width -1
examples = ARG1 . "counterexamples.csv"
turned(unused) = (stringcolumn("example") eq "short atoms" ? column("parameter") : NaN)
plot examples using (turned(0)):"bound" with lines lt 1 title "bound (7), mended", \
  examples using (turned(0)):"bound_printed" with lines lt 2 dt 2 title "bound (7), as printed", \
  examples using (turned(0)):"error_over_noise_squared" with points lt 7 pt 2 title "worst noise", \
  examples using (turned(0)):"error_exact_projection" with points lt 3 title "exact projection"
unset multiplot
