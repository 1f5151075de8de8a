<#
.SYNOPSIS
Two machines get to know each other by an invitation, and exchange a question and its answer.
.DESCRIPTION
On the first machine: ./two-machines.ps1 -Host <its address as the second one sees it>. It prints an invitation: one line, good for one stranger and
ten minutes. Hand it over on a way you trust, and on the second machine run: ./two-machines.ps1 -Invitation <the line>. Each knows the other's
key then, and marks it verified: nobody can stand between.

Without parameters both machines are played in this one session. Nothing is left on the disk.
.EXAMPLE
./examples/two-machines.ps1
.EXAMPLE
./examples/two-machines.ps1 -Host 192.168.0.21
.EXAMPLE
./examples/two-machines.ps1 -Invitation 'pssc...'
#>
param([Alias('Host')] [string] $MyHost, [int] $Port = 0, [string] $Invitation)
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$play = -not $MyHost -and -not $Invitation
try {
    if (-not $Invitation) {
        $address = if ($play) { '127.0.0.1' } else { '0.0.0.0' }
        $first = Start-ChatServer $address $Port first -Ephemeral -AcceptFrom Invited
        $reachedAt = if ($play) { '127.0.0.1' } else { $MyHost }
        $Invitation = New-ChatInvitation -Address $reachedAt -ExpiresIn 00:10:00 -Server $first
        if (-not $play) { $Invitation }
    }

    if ($play -or -not $first) {
        $second = Start-ChatServer 127.0.0.1 0 second -Ephemeral
        $null = Connect-ChatPeer $Invitation -Server $second
        $question = Send-ChatMessage first 'Can you hear me?' -WaitFor Delivered -Server $second
    }

    if ($first) {
        $heard = Wait-ChatMessage -TimeoutSec 600 -Server $first
        "$heard"
        $null = Send-ChatMessage $heard.From 'Loud and clear.' -InReplyTo $heard -WaitFor Delivered -Server $first
    }

    if ($second) {
        $answer = Wait-ChatMessage $question -TimeoutSec 600 -Server $second
        "$answer"
        "first is $((Get-ChatPeer first -Server $second).Trust)"
    }
}
finally {
    if ($first) { Stop-ChatServer $first }
    if ($second) { Stop-ChatServer $second }
}
