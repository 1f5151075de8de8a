#requires -Version 7.4
<#
.SYNOPSIS
    Measures what importing the module, and starting the first server, add to the start of pwsh.
.DESCRIPTION
    By turns in one run: pwsh -NoProfile alone, with Import-Module, and with the first Start-ChatServer as well, each in a
    process of its own. The addition is the median of the differences within each round. Goals: 150 ms and 300 ms.
.EXAMPLE
    ./build.ps1; pwsh -NoProfile tests/Benchmarks/ImportTime.ps1 -Rounds 15
#>
param([ValidateRange(1, 1000)] [int] $Rounds = 15, [string] $Manifest = "$PSScriptRoot/../../PSSecureChat.psd1")

$pwsh = "$PSHOME/pwsh"
$import = "Import-Module '$Manifest'"
$contestants = [ordered]@{
    bare   = 'exit'
    import = "$import; exit"
    start  = "$import; `$null = Start-ChatServer 127.0.0.1 0 bench -Ephemeral; [Environment]::Exit(0)"
}

function Measure-Start([string] $Script) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = & $pwsh -NoProfile -NonInteractive -Command $Script
    $watch.Elapsed.TotalMilliseconds
}

function Get-Median([double[]] $Values) {
    $sorted = $Values | Sort-Object
    $sorted[[Math]::Floor($sorted.Count / 2)]
}

foreach ($script in $contestants.Values) { $null = Measure-Start $script } # not counted: files are read for the first time
$times = foreach ($round in 1..$Rounds) {
    $row = [ordered]@{}
    foreach ($name in $contestants.Keys) { $row[$name] = Measure-Start $contestants[$name] }
    [pscustomobject] $row
}

[pscustomobject]@{
    Rounds       = $Rounds
    BareMs       = [Math]::Round((Get-Median $times.bare))
    ImportMs     = [Math]::Round((Get-Median ($times | ForEach-Object { $_.import - $_.bare })))
    FirstStartMs = [Math]::Round((Get-Median ($times | ForEach-Object { $_.start - $_.import })))
}
