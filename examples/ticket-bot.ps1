<#
.SYNOPSIS
A bot that makes tickets of objects that monitors send, and loses none when it is killed.
.DESCRIPTION
A monitor sends whole objects; the bot finds them in the property Body. It receives as the consumer "tickets": its place is stored with the
messages, and moves past one only when it was handled. A bot that was killed, wherever it was, goes on with the message it was at:
so a ticket is made at least once, and the id of the message tells whether it was made before.

As it stands it plays monitor, bot and crash in this one session, with the bot's store in a temporary folder that it removes. With -Path it is a
bot for others; kill it and start it again as often as you like.
.EXAMPLE
./examples/ticket-bot.ps1
.EXAMPLE
./examples/ticket-bot.ps1 -Path ~/tickets -Address 0.0.0.0 -Port 8096
#>
param([string] $Path, [string] $Address = '127.0.0.1', [int] $Port = 0)
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$play = -not $Path
if ($play) { $Path = [IO.Path]::Combine([IO.Path]::GetTempPath(), "tickets-$([guid]::NewGuid())") }

$made = @{ } # stands for the ticket system
function New-Ticket($Message) {
    if ($made[$Message.Id]) { return "ticket for $($Message.Body.Disk) was made before" }
    $made[$Message.Id] = $true
    "ticket $($made.Count): disk $($Message.Body.Disk) on $($Message.Body.Machine) is $($Message.Body.Used) % full"
}

$bot = Start-ChatServer $Address $Port tickets -Path $Path -AcceptFrom Anyone
try {
    if ($play) {
        $monitor = Start-ChatServer 127.0.0.1 0 monitor -Ephemeral
        $null = Connect-ChatPeer $bot.Endpoint -Server $monitor
        $null = 1..5 | ForEach-Object { [pscustomobject]@{ Machine = "web$_"; Disk = "sd$_"; Used = 90 + $_ } } |
            Send-ChatMessage tickets -Server $monitor -WaitFor Delivered

        try {
            Receive-ChatMessage -Consumer tickets -Server $bot | ForEach-Object {
                New-Ticket $_
                if ($made.Count -eq 3) { throw 'the bot dies when the third ticket is made, before it can say so' }
            }
        }
        catch { "$_" }

        Stop-ChatServer $bot
        $bot = Start-ChatServer $Address $bot.Port tickets -Path $Path -AcceptFrom Anyone
    }

    Receive-ChatMessage -Consumer tickets -Wait:(-not $play) -Server $bot | ForEach-Object { New-Ticket $_ }
}
finally {
    if ($monitor) { Stop-ChatServer $monitor }
    Stop-ChatServer $bot
    if ($play) { [IO.Directory]::Delete($Path, $true) }
}
