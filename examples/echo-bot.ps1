<#
.SYNOPSIS
A bot that answers every message with its own words.
.DESCRIPTION
As it stands it plays both sides in this one session: a visitor writes three messages, the bot answers each, the visitor reads the answers.
Nothing is left on the disk.

With -Serve it is a bot for others: it listens until Ctrl+C, and keeps what came while it was not running. Elsewhere, type
Connect-ChatPeer <this machine> 8095 and Send-ChatMessage echo 'hello'.
.EXAMPLE
./examples/echo-bot.ps1
.EXAMPLE
./examples/echo-bot.ps1 -Serve -Address 0.0.0.0 -Port 8095
#>
param([switch] $Serve, [string] $Address = '127.0.0.1', [int] $Port = 0)
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$bot = Start-ChatServer $Address $Port echo -AcceptFrom Anyone -Ephemeral:(-not $Serve)
try {
    "echo listens on $($bot.Endpoint)"
    if (-not $Serve) {
        $visitor = Start-ChatServer 127.0.0.1 0 visitor -Ephemeral
        $null = Connect-ChatPeer $bot.Endpoint -Server $visitor
        $questions = 'hello', 'is anybody there?', 'bye' | Send-ChatMessage echo -Server $visitor -WaitFor Delivered
    }

    # -Consumer: the bot's place in the stream of messages is stored, and moves on once a message was answered.
    Receive-ChatMessage -Consumer echo -Wait:$Serve -Server $bot | ForEach-Object {
        Send-ChatMessage $_.From "echo: $($_.Text)" -InReplyTo $_ -Server $bot
        "answered $($_.From)"
    }

    if (-not $Serve) {
        $questions | Wait-ChatMessage -TimeoutSec 30 -Server $visitor | ForEach-Object { "$_" }
    }
}
finally {
    if ($visitor) { Stop-ChatServer $visitor }
    Stop-ChatServer $bot
}
