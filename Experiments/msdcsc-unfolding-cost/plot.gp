# Test accuracy by unfoldings under each reading, and what the unfoldings cost; on the right the same
# from what the profile `standard` stored.
set datafile missing NaN
networks = ARG1 . "networks.csv"
comparisons = ARG1 . "comparisons.csv"
stats networks using "unfoldings" nooutput
# Before anything is trained there is nothing to draw.
if (!exists("STATS_min")) { exit }
set output ARG2 . "." . ARG3
most = int(STATS_max)
# Every reading has a line of its own, in the order of the table.
names = ""
count = 0
seen = ""
# The first line is the columns' names.
look(unused) = (strcol("reading") ne "reading" && strstrt(seen, "|" . strcol("reading") . "|") == 0 ? \
  (seen = seen . "|" . strcol("reading") . "|", count = count + 1, 0) : 0)
stats networks using (look(0)) nooutput
array readings[count]
k = 0
seen = ""
note(unused) = (strcol("reading") ne "reading" && strstrt(seen, "|" . strcol("reading") . "|") == 0 ? \
  (seen = seen . "|" . strcol("reading") . "|", k = k + 1, readings[k] = strcol("reading"), 0) : 0)
stats networks using (note(0)) nooutput
place(name) = (sum [i=1:count] (readings[i] eq name ? i : 0))
at(u) = (int(column("unfoldings")) == u ? count + 1 - place(strcol("reading")) - 0.16 * (u - 0.5 * most) : NaN)
spanned(u) = (strcol("lower_percent") eq "" ? NaN : at(u))
array colours[3] = [8, 1, 3]
beside = (stored ne "")
set multiplot layout 1,(2 + 2 * beside) margins (beside ? 0.17 : 0.23),0.985,0.13,0.83 spacing (beside ? 0.025 : 0.04),0 \
  title "MSD-CSC: what an unfolding costs, one thing changed at a time (R Table III, Fig. 8)"
set yrange [0.4:count + 0.6]
array folders[2] = [ARG1, stored]
pixels(unused) = (strcol("points_over_pixels") eq "" ? 0 : \
  (known = 1, linear = column("test_accuracy_percent") - column("points_over_pixels"), 0))
cost(unused) = (strcol("comparison")[1:5] eq "cost-" ? 1 : 0)
row(unused) = (cost(0) ? (line = line + 1, count + 1 - line) : NaN)
half(unused) = (strcol("standard_error") eq "" ? NaN : 1.96 * column("standard_error"))
do for [part=1:1 + beside] {
  networks = folders[part] . "networks.csv"
  comparisons = folders[part] . "comparisons.csv"
  name = (beside ? (part == 1 ? "quick: " : "standard: ") : "")
  known = 0
  linear = 0
  stats networks using (pixels(0)) nooutput
  set ytics ()
  do for [i=1:count] { eval sprintf("set ytics add (\"%s\" %d)", part == 1 ? readings[i] : "", count + 1 - i) }
  set xlabel name . "test accuracy, %"
  if (part == 1) { set key at screen 0.6,0.93 center top vertical maxrows 1 font ",13" } else { unset key }
  set xrange [*:*]
  unset arrow 1
  unset label 1
  if (known) {
    set xrange [* : 1.03 * linear < *]
    set arrow 1 from linear,graph 0 to linear,graph 1 nohead lc rgb "black" lw 1.5 dt 3
    set label 1 "dotted: linear classifier" at graph 0.97,graph 0.025 right font ",11"
  }
  plot for [u=0:most] networks using "test_accuracy_percent":(spanned(u)):"lower_percent":"upper_percent" \
      with xerrorbars lt colours[u + 1] lw 2 pt 7 ps 1 \
      title sprintf("%d unfolding%s", u, u == 1 ? "" : "s")
  set ytics ()
  do for [i=1:count] { eval sprintf("set ytics add (\"\" %d)", i) }
  set xlabel (beside ? "accuracy lost, points" : "accuracy lost by unfolding, points")
  unset key
  unset label 1
  set xrange [*:*]
  set arrow 1 from 0,graph 0 to 0,graph 1 nohead lc rgb "black" lw 1
  line = 0
  plot comparisons using (cost(0) ? column("difference") : NaN):(row(0)):(half(0)) with xerrorbars lt 2 lw 2 pt 7 ps 1
}
unset multiplot
