# Test error against the epoch, a panel a plan, then against the number of unfoldings.
# All panels have the same axis, which follows the means; an interval may run out of its panel.
set output ARG2 . "." . ARG3
curves = ARG1 . "curves.csv"
networks = ARG1 . "networks.csv"
array plans[2] = ["", ""]
look(unused) = (strcol("plan") eq "plan" ? 0 : plans[1] eq "" ? (plans[1] = strcol("plan"), 0) : \
  strcol("plan") ne plans[1] ? (plans[2] = strcol("plan"), 0) : 0)
stats networks using (look(0)) nooutput
panels = (plans[2] eq "" ? 1 : 2)
matched = "Feed-Forward of matched gain"
stats networks using "unfoldings" nooutput
most = int(STATS_max)
stats curves using "epoch" nooutput
epochs = int(STATS_max)
# A linear classifier on the pixels of the same images, where it was stored.
known = 0
pixels(unused) = (strcol("points_over_pixels") eq "" ? 0 : \
  (known = 1, linear = column("test_error_percent") + column("points_over_pixels"), 0))
stats networks using (pixels(0)) nooutput
stats curves using "test_error_percent" nooutput
least = (known && linear < STATS_min ? linear : STATS_min)
if (least < 0.1) { least = 0.1 }
largest = (known && linear > STATS_max ? linear : STATS_max)
set yrange [least / 1.35:(largest * 1.35 < 100 ? largest * 1.35 : 100)]
# The intervals of one epoch stand side by side; of many epochs each curve has its own.
nth = ceil(epochs / 8.0)
dot = (epochs > 20 ? 0 : 0.6)
dodged(x, t) = x + 0.11 * (t - 0.5 * most)
of(s, t) = strcol("plan") eq plans[s] && column("unfoldings") == t && strcol("model") ne matched
ofMatched(s) = strcol("plan") eq plans[s] && strcol("model") eq matched
spanned(s, t) = (of(s, t) && strcol("lower_percent") ne "" && int(column("epoch")) % nth == int(t * nth / (most + 1.0)) ? \
  dodged(column("epoch"), t) : NaN)
# The axis is logarithmic: an interval to 100 % right ends below it.
low(v) = (v > 1e-3 ? v : 1e-3)
array shades[7] = [0x777777, 0x440154, 0x46579B, 0x26828E, 0x2FA46B, 0x8DB000, 0xE69F00]
shade(t) = shades[t % 7 + 1]
set multiplot layout 1,(panels + 1) margins 0.075,0.985,0.13,0.775 spacing 0.055 \
  title "MNIST, unfoldings of ML-ISTA at equal parameters (B Fig. 3b)"
set logscale y
set ytics (0.5, 0.7, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
set format y "%g"
set ylabel "test error, %"
set xlabel "training epoch"
set xrange [1 - 0.5 * nth:epochs + 0.5 * nth]
if (epochs <= (panels == 1 ? 20 : 9)) { set xtics 1 } else { if (epochs <= 20) { set xtics 0,3 } }
set key at screen 0.28,0.935 center top vertical maxrows 1 title "unfoldings (0: feed-forward)" font ",12" samplen 1.5
if (known) { set label 1 "linear classifier on the pixels" at graph 0.97,first linear right offset 0,0.6 font ",12" }
do for [s=1:panels] {
  set title "plan " . plans[s] font ",14"
  plot for [t=0:most] curves using (of(s, t) ? dodged(column("epoch"), t) : NaN):"test_error_percent" \
      with linespoints lc rgb shade(t) lw 2 pt 7 ps dot title sprintf("%d", t), \
    for [t=0:most] curves using (spanned(s, t)):"test_error_percent":(low(100-column("upper_percent"))):(100-column("lower_percent")) \
      with yerrorbars lc rgb shade(t) lw 1.2 pt 7 ps 0.6 notitle, \
    curves using (ofMatched(s) ? column("epoch") : NaN):"test_error_percent" \
      with linespoints lc rgb shade(0) lw 2 dt 2 pt 6 ps dot + 0.3 notitle, \
    for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle
  unset key
  unset ylabel
  unset label 1
}
set title "mean of the last epochs"
set xlabel "unfoldings"
set xtics 1
set xrange [-0.5:most + 0.5]
set xtics 0,1
set key at screen 0.76,0.935 center top vertical maxrows 1 title "plan" font ",12" samplen 1.5
at(s) = (strcol("plan") eq plans[s] && strcol("model") ne matched ? \
  column("unfoldings") + (panels == 2 ? 0.24 * (s - 1.5) : 0) : NaN)
ends(s) = (strcol("lower_percent") eq "" ? NaN : at(s))
array colours[2] = [1, 2]
plot for [s=1:panels] networks using (at(s)):"test_error_percent" with linespoints lt colours[s] pt 7 ps 0.9 \
    title plans[s], \
  for [s=1:panels] networks using (ends(s)):"test_error_percent":(low(100-column("upper_percent"))):(100-column("lower_percent")) \
    with yerrorbars lt colours[s] pt 7 ps 0.9 notitle, \
  for [s=2:panels] networks using (ofMatched(s) ? 0.36 : NaN):"test_error_percent" with points lt colours[s] pt 6 ps 1.1 \
    title "matched", \
  for [s=2:panels] networks using (ofMatched(s) && strcol("lower_percent") ne "" ? 0.36 : NaN):"test_error_percent":(low(100-column("upper_percent"))):(100-column("lower_percent")) \
    with yerrorbars lt colours[s] pt 6 ps 1.1 notitle, \
  for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle
unset multiplot
