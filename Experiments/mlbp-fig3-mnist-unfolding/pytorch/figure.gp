# Test error against the epoch, a panel for each plan: gnuplot -c figure.gp trainings.csv figure.png
set encoding utf8
set datafile separator comma
# Rows of other networks are passed over, so that a mean spans those of one.
set datafile missing NaN
if (ARG2[strlen(ARG2)-3:] eq ".png") {
  set terminal pngcairo size 1400,760 font "DejaVu Sans,15" enhanced background "white"
} else {
  set terminal svg size 1400,760 font "DejaVu Sans,15" enhanced background "white" dynamic
}
set output ARG2
set border lw 1.2 lc rgb "#444444"
set grid lc rgb "#DDDDDD" lw 1 lt 1
set tics nomirror
set key box lc rgb "#CCCCCC" opaque samplen 2 spacing 1.1 top right Left reverse width -4 font ",13"
set logscale y
set xrange [0:101]
set yrange [0.6:14]
set ytics (0.6, 0.7, 0.8, 1, 1.2, 1.5, 2, 3, 5, 7, 10)
set format y "%g"
set xlabel "training epoch"
set ylabel "test error of 10,000 digits, %"
array plans[2] = ["july-a", "july-b"]
array titles[2] = ["July A: filters of variance 1/fan-in, slope of ρ 0.2, ε = 10^{-4}", \
  "July B: filters of deviation 0.001, slope of ρ 0.1, ε = 10^{-5}"]
# Unfoldings, whether the gain is matched, and colours of Okabe and Ito's palette.
array unfoldings[3] = [0, 0, 6]
array matched[3] = [0, 1, 0]
array names[3] = ["feed-forward", "feed-forward, gain matched", "six unfoldings of ML-ISTA"]
array colours[3] = [0x0072B2, 0xE69F00, 0xD55E00]
of(s, n) = strcol("plan") eq plans[s] && column("unfoldings") == unfoldings[n] && \
  column("gain_matched") == matched[n]
percent(s, n) = (of(s, n) ? 100 - column("test_accuracy_percent") : NaN)
single(s, n, seed) = (column("seed") == seed ? percent(s, n) : NaN)
networks(s) = (s == 1 ? "1 3" : "1 2 3")
set multiplot layout 1,2 margins 0.065,0.985,0.115,0.855 spacing 0.065 \
  title "MNIST, B's networks by the authors' two plans of July 2018 " . \
    "(PyTorch; thin: three seeds, thick: their mean)"
do for [s=1:2] {
  set title titles[s] font ",13"
  plot for [n in networks(s)] for [seed=1:3] ARG1 using "epoch":(single(s, int(n), seed)) \
      with lines lw 0.8 lc rgb (colours[int(n)] + 0x80000000) notitle, \
    for [n in networks(s)] ARG1 using "epoch":(percent(s, int(n))) smooth unique \
      with lines lw 2.8 lc rgb colours[int(n)] title names[int(n)], \
    1.21 with lines lw 1.8 dt 3 lc rgb "#0072B2" title "B prints 1.21 % (feed-forward)", \
    0.72 with lines lw 1.8 dt 3 lc rgb "#D55E00" title "B prints 0.72 % (ML-ISTA)"
  unset ylabel
}
unset multiplot
