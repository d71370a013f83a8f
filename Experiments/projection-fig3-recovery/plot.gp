# P Fig. 3 as curves with 95 % intervals for both families, then as P's maps for the digits. Panels of
# one row share their axis.
data = ARG1 . "recovery.csv"
array methods[4] = ["projection", "layered-sp", "layered-bp", "layered-sp-given-gamma1"]
array titles[4] = ["projection (Algorithm 1)", "layered subspace pursuit", "layered basis pursuit", "layered, given the true γ_1"]
array values[2] = ["error_relative_l2", "support_intersection"]
array lowers[2] = ["error_lower", "support_lower"]
array uppers[2] = ["error_upper", "support_upper"]
array labels[2] = ["relative ℓ_2 error", "support intersection"]
array families[2] = ["digits", "low-coherence"]
array names[2] = ["codes of digits", "codes of a model of low coherence"]
array outputs[2] = ["", "-low-coherence"]
stats data using "k" nooutput
least = int(STATS_min)
most = int(STATS_max)
# Which k were run, so that the maps tell "not run" from a value.
array run[most]
do for [k=1:most] { run[k] = 0 }
note(k) = (k >= 1 ? (run[int(k)] = 1, 0) : 0)
stats data using (note(column("k"))) nooutput
# The last k at which nine in ten draws meet the premise of the layered guarantee.
stats data using (strcol("family") eq "low-coherence" && column("guaranteed_percent") >= 90 ? column("k") : 0) nooutput
guaranteed = STATS_max
set datafile missing NaN
of(f, m, l) = stringcolumn("family") eq families[f] && stringcolumn("method") eq methods[m] && column("layer") == l
at(f, m, l) = (of(f, m, l) ? column("k") + 0.1 * (m - 2.5) : NaN)
spanned(f, m, l, q) = (strcol(lowers[q]) eq "" ? NaN : at(f, m, l))
do for [f=1:2] {
  set output ARG2 . outputs[f] . "." . ARG3
  set multiplot layout 2,3 margins 0.085,0.985,0.125,0.80 spacing 0.04,0.11 \
    title sprintf("Recovery of the %s (P Fig. 3): means and 95 %% intervals", names[f])
  set xrange [least - 0.5:most + 0.5]
  if (most <= 20) { set xtics 1 }
  do for [q=1:2] {
    do for [l=1:3] {
      set title (q == 1 ? sprintf("γ_%d", l) : "")
      set xlabel (q == 2 ? "k, cardinality of γ_3" : "")
      set ylabel (l == 1 ? labels[q] : "")
      set yrange [0:(q == 1 ? 1.75 : 1.05)]
      step = (q == 1 ? 0.5 : 0.2)
      set ytics 0, step
      if (q == 1) {
        set arrow 1 from graph 0,first 1 to graph 1,first 1 nohead lc rgb "black" lw 1.5 dt 3
        set label 1 (l == 1 ? "error of the answer zero" : "") at graph 0.03,first 1 left offset 0,0.6 font ",12"
      }
      if (f == 2 && guaranteed > 0) {
        set object 1 rectangle from graph 0,graph 0 to first guaranteed + 0.5,graph 1 behind fc rgb "#EEF5EE" fs solid noborder
        set label 2 (q == 2 && l == 1 ? "layered pursuit is guaranteed" : "") at first least - 0.4,graph 0.05 left font ",12"
      }
      # The first layer has no curve of the fourth method, so that the second makes the legend.
      if (q == 1 && l == 2) { set key at screen 0.53,0.935 center top vertical maxrows 2 } else { unset key }
      plot for [m=1:4] data using (at(f, m, l)):values[q] smooth unique with linespoints lt m ps 0.8 title titles[m], \
        for [m=1:4] data using (spanned(f, m, l, q)):values[q]:lowers[q]:uppers[q] with yerrorbars lt m ps 0.8 lw 1.5 notitle
      unset key
      unset arrow 1
      unset label 1
      unset label 2
      unset object 1
    }
  }
  unset multiplot
}
set output ARG2 . "-maps." . ARG3
set multiplot title "Recovery of the codes of digits as maps (P Fig. 3): means over digits"
unset grid
unset ylabel
unset xlabel
set xrange [0.5:3.5]
set yrange [most + 0.5:least - 0.5]
set xtics ("γ_1" 1, "γ_2" 2, "γ_3" 3) scale 0
set ytics autofreq
set ytics 1 scale 0
set style fill solid
array colours[2]
colours[1] = "defined (0 '#FFF3D6', 0.5 '#E69F00', 1 '#8C3B00')"
colours[2] = "defined (0 '#E4F1F8', 0.5 '#56B4E9', 1 '#00436B')"
array scales[2] = [1.75, 1]
# Figures on dark cells are white.
ink(v, q) = (v > 0.6 * scales[q] ? 0xFFFFFF : 0x222222)
array order[3] = [2, 3, 1]
shown(m, q) = (stringcolumn("family") eq "digits" && stringcolumn("method") eq methods[m] ? column("layer") : NaN)
set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb "#CCCCCC" fs pattern 4 noborder
missing = 0
do for [k=least:most] { if (!run[k]) { missing = 1 } }
if (missing) { set label 2 "hatched: k not run" at screen 0.07,0.03 left font ",12" }
do for [c=1:3] {
  m = order[c]
  set lmargin at screen 0.07 + 0.285 * (c - 1)
  set rmargin at screen 0.31 + 0.285 * (c - 1)
  do for [q=1:2] {
    set tmargin at screen (q == 1 ? 0.875 : 0.455)
    set bmargin at screen (q == 1 ? 0.545 : 0.125)
    eval "set palette " . colours[q]
    set cbrange [0:scales[q]]
    if (c == 3) {
      set colorbox user origin 0.9,(q == 1 ? 0.545 : 0.125) size 0.02,0.33
      set cblabel labels[q]
    } else {
      unset colorbox
    }
    set title (q == 1 ? titles[m] : "") font ",13"
    set ylabel (c == 1 ? "k, cardinality of γ_3" : "")
    plot data using (shown(m, q)):"k":(0.5):(0.5):values[q] with boxxyerror lc palette notitle, \
      data using (shown(m, q)):"k":(sprintf("%.2f", column(values[q]))):(ink(column(values[q]), q)) \
        with labels font ",12" tc rgb variable notitle
    unset label 2
  }
}
unset multiplot
