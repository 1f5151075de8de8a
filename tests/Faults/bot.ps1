#requires -Version 7.4
<#
.SYNOPSIS
Kills a bot again and again while it handles messages, and looks whether each of its consumers has handled each message.
.DESCRIPTION
The bot is a process of its own with a store on the disk and two consumers, each in a runspace of its own. To handle a message is to append its number to
the consumer's file. In each round the sender sends its share of the messages, and the bot is killed (SIGKILL) when one consumer, by
turns, has handled so many messages, a number drawn from the seed, since it was started. In the end it is left to finish.
.EXAMPLE
./tests/Faults/bot.ps1
.EXAMPLE
./tests/Faults/bot.ps1 -Rounds 50 -Messages 5000 -Seed 1
#>
[CmdletBinding(DefaultParameterSetName = 'Run')]
param(
    [Parameter(ParameterSetName = 'Run')] [int] $Rounds = 10,
    [Parameter(ParameterSetName = 'Run')] [int] $Messages = 1000,
    [Parameter(ParameterSetName = 'Run')] [int] $Seed = (Get-Random -Maximum 1000000),
    [Parameter(ParameterSetName = 'Bot', Mandatory)] [string] $Folder,
    [Parameter(ParameterSetName = 'Bot')] [int] $Port
)
$ErrorActionPreference = 'Stop'
$manifest = Convert-Path "$PSScriptRoot/../../PSSecureChat.psd1"
Import-Module $manifest
$consumers = 'tickets', 'log'

if ($PSCmdlet.ParameterSetName -eq 'Bot') {
    $server = Start-ChatServer 127.0.0.1 $Port bot -Path "$Folder/store" -AcceptFrom Anyone
    [IO.File]::WriteAllText("$Folder/endpoint.new", $server.Endpoint)
    [IO.File]::Move("$Folder/endpoint.new", "$Folder/endpoint", $true)
    $jobs = foreach ($consumer in $consumers) {
        Start-ThreadJob {
            Import-Module $using:manifest
            $file = "$using:Folder/$using:consumer"
            Receive-ChatMessage -Consumer $using:consumer -Wait -Server $using:server | ForEach-Object {
                [IO.File]::AppendAllText($file, "$($_.Text)`n")
                [Threading.Thread]::Sleep(2) # the work that a message is
            }
        }
    }
    Receive-Job $jobs -Wait
    return
}

function Get-Handled([string] $Consumer) {
    # The last line may be half written: it counts when it is whole.
    $file = "$root/$Consumer"
    if (Test-Path $file) { , ([IO.File]::ReadAllText($file) -split "`n" | Select-Object -SkipLast 1) } else { , @() }
}

function Wait-Until([scriptblock] $Condition) {
    $end = [datetime]::UtcNow.AddSeconds(120)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $end -or $bot.HasExited) { throw "not within two minutes, or the bot has ended: $Condition" }
        [Threading.Thread]::Sleep(5)
    }
}

function Start-Bot {
    $pwsh = "$PSHOME/pwsh"
    $arguments = [string[]] ('-NoProfile', '-NonInteractive', '-File', $PSCommandPath, '-Folder', $root, '-Port', "$port")
    $script:bot = [Diagnostics.Process]::Start($pwsh, $arguments)
    Wait-Until { Test-Path "$root/endpoint" }
}

"seed $Seed"
$random = [random]::new($Seed)
$root = [IO.Directory]::CreateTempSubdirectory('pssc-bot-').FullName
$port = 0
$sender = Start-ChatServer 127.0.0.1 0 sender -Ephemeral
$clock = [Diagnostics.Stopwatch]::StartNew()
$sent = 0
try {
    Start-Bot
    $endpoint = [IO.File]::ReadAllText("$root/endpoint")
    $port = [int]($endpoint -split ':')[-1]
    $null = Connect-ChatPeer $endpoint -Server $sender
    for ($round = 1; $round -le $Rounds; $round++) {
        $upTo = [int][Math]::Floor($Messages * $round / $Rounds)
        ($sent + 1)..$upTo | Send-ChatMessage bot -Server $sender -WarningAction Ignore
        $sent = $upTo
        $watched = $consumers[$round % $consumers.Count]
        $before = (Get-Handled $watched).Count
        $some = $random.Next(1, [Math]::Max(2, [int]($Messages / $Rounds * 0.8)))
        Wait-Until { (Get-Handled $watched).Count -ge $before + $some }
        $bot.Kill()
        $bot.WaitForExit()
        Remove-Item "$root/endpoint"
        "round ${round}: killed when '$watched' had handled $((Get-Handled $watched).Count - $before) more; " + (($consumers | ForEach-Object { "${_}: $((Get-Handled $_).Count) lines" }) -join ', ')
        Start-Bot
    }

    Wait-Until { -not ($consumers | Where-Object { [System.Collections.Generic.HashSet[string]]::new([string[]](Get-Handled $_)).Count -lt $Messages }) }
}
finally {
    if ($bot -and -not $bot.HasExited) { $bot.Kill(); $bot.WaitForExit() }
    Stop-ChatServer $sender
}

$good = $true
foreach ($consumer in $consumers) {
    $handled = [int[]](Get-Handled $consumer)
    $different = $handled | Sort-Object -Unique
    $lost = @(1..$Messages | Where-Object { $_ -notin $different }).Count
    $backwards = @(1..($handled.Count - 1) | Where-Object { $handled[$_] -gt $handled[$_ - 1] + 1 }).Count
    if ($lost -or $backwards) { $good = $false }
    '{0}: {1} messages, {2} kills, lost {3}, handled again {4}, passed over {5}' -f $consumer, $Messages, $Rounds, $lost, ($handled.Count - $different.Count), $backwards
}

'{0:0} s' -f $clock.Elapsed.TotalSeconds
if ($good) { Remove-Item $root -Recurse } else { "The files are left in $root" }
exit [int](-not $good)
