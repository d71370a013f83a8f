# Objective gap against iterations (left) and seconds (right), logarithmic.
set output ARG2 . "." . ARG3
data = ARG1 . "curves.csv"
set multiplot layout 1,2 title "Solvers of multi-layer basis pursuit (B Fig. 2)"
set logscale xy
set format xy "10^{%T}"
set ylabel "F(γ) − F^*"
set yrange [1e-11:10]
names = "admm-ista admm-fista ml-ista ml-fista ml-fista-small-step ml-fista-decreasing-step bp-ista bp-fista"
array label[8] = ["ADMM, inner ISTA", "ADMM, inner FISTA", "ML-ISTA", "ML-FISTA", "ML-FISTA, μ/100", "ML-FISTA, μ falling", "ISTA on BP", "FISTA on BP"]
pick(i, name) = (stringcolumn("method") eq word(names, i) ? column(name) : NaN)
style(i) = i > 6 ? 3 : 1
do for [axis in "iteration seconds"] {
  set xlabel (axis eq "iteration" ? "iterations (ADMM: outer)" : "time (seconds)")
  if (axis eq "iteration") { set key top right font ",11" spacing 1 } else { unset key }
  plot for [i=1:8] data using (pick(i, axis)):"objective_gap" with lines lt i lw 2.5 dt style(i) title label[i]
}
unset multiplot
